// The service worker: the form opens with no network, what waits is sent when the network is back. It keeps only what everyone
// may see: the built shells, hashed files, and the list of units. Never /live, the rest of /api, personal pages, or a POST.
import { flush } from "/ui/outbox/sender.js";

const MANIFEST = "/sw-manifest.json"; // {version, files}: written after each build
const OFFLINE = "/offline.html";
const ANY_ADDRESS = "/__spa-fallback.html"; // the built page of every address of a pattern; what it shows comes from the device
const PATTERNS = ["/csdl/nhap/"]; // beginnings of such pages that open without network
const SHELL = "shell-";
const DONE = "/sw-done"; // stands in a shell's cache once all of it is there
const PATIENCE = 6000; // ms a page may take before the kept shell is shown instead
const ASSETS_MOST = 200;
const UNITS_MOST = 200;

/** Fetch the shell of the present build, whole or not at all; shells before the last one are dropped. */
async function renewShell() {
  const { version, files } = await (await fetch(MANIFEST, { cache: "no-store" })).json();
  const name = SHELL + version;
  const cache = await caches.open(name);
  if (await cache.match(DONE)) return;
  try {
    await Promise.all([OFFLINE, ...files].map(async (file) => {
      const response = await fetch(file, { cache: file.startsWith("/assets/") ? "default" : "reload", credentials: "omit" });
      if (!response.ok) throw new Error(`${file}: ${response.status}`);
      await cache.put(file, await plain(response));
    }));
    await cache.put(DONE, new Response(String(Date.now())));
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
  const shells = await completeShells();
  for (const old of shells.slice(2)) await caches.delete(old.name);
}

/** A copy that may answer a navigation (no redirect in it) and whose body is what it says it is. */
async function plain(response) {
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length", "set-cookie"]) headers.delete(name);
  return new Response(await response.blob(), { status: response.status, headers });
}

/** The shells that are whole, newest first. */
async function completeShells() {
  const found = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith(SHELL)) continue;
    const done = await (await caches.open(name)).match(DONE);
    if (done) found.push({ name, at: Number(await done.text()) });
  }
  return found.sort((a, b) => b.at - a.at);
}

async function fromShell(path) {
  for (const { name } of await completeShells()) {
    const kept = await (await caches.open(name)).match(path);
    if (kept) return kept;
  }
  return undefined;
}

async function page(request) {
  const path = new URL(request.url).pathname.replace(/(.)\/$/, "$1");
  const kept = await fromShell(PATTERNS.some((beginning) => path.startsWith(beginning)) ? ANY_ADDRESS : path);
  const giveUp = new AbortController();
  const timer = kept && setTimeout(() => giveUp.abort(), PATIENCE);
  try {
    const response = await fetch(request, kept ? { signal: giveUp.signal } : undefined);
    // A gateway with nothing behind it is no better than no network.
    if (kept && [502, 503, 504].includes(response.status)) return kept;
    return response;
  } catch {
    return kept ?? (await fromShell(OFFLINE)) ?? Response.error();
  } finally {
    clearTimeout(timer);
  }
}

/** Files whose name changes with their content. */
async function unchanging(request) {
  const path = new URL(request.url).pathname;
  const kept = (await fromShell(path)) ?? (await caches.match(request, { cacheName: "assets" }));
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await keep("assets", request, response.clone(), ASSETS_MOST);
  return response;
}

/** The list of units: what was answered last time at once, what is answered now for next time. */
function units(event) {
  const fresh = fetch(event.request).then(async (response) => {
    if (response.ok && !/no-store|private/.test(response.headers.get("Cache-Control") ?? "")) {
      await keep("units", event.request, response.clone(), UNITS_MOST);
    }
    return response;
  });
  event.waitUntil(fresh.catch(() => undefined));
  return caches.match(event.request, { cacheName: "units" }).then((kept) => kept ?? fresh);
}

async function keep(name, request, response, most) {
  const cache = await caches.open(name);
  await cache.put(request, response);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => cache.delete(key)));
}

self.addEventListener("install", (event) => event.waitUntil(renewShell()));

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  // Pages ask for it only while nothing unsaved is being typed.
  if (event.data === "take-over") self.skipWaiting();
  if (event.data === "look-for-new-shell") event.waitUntil(renewShell().catch(() => undefined));
});

self.addEventListener("sync", (event) => {
  if (event.tag !== "mts-outbox") return;
  event.waitUntil(flush("network").then(({ left }) => {
    if (left) throw new Error("something still waits"); // so the browser tries again
  }));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (/^\/(assets|fonts|icons)\//.test(url.pathname)) event.respondWith(unchanging(request));
  else if (url.pathname === "/api/v1/units") event.respondWith(units(event));
});
