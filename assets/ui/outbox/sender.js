// Sends what waits, once. One submission is one multipart POST: `payload` (JSON of the fields) and `photo` parts, under a key
// the device made; the server makes one case of it however often it comes. Used by pages and by the service worker.
import { all, transact } from "./store.js";

export const CHANNEL = "mts-outbox";
const LEASE = 90_000; // ms one holder may be silent where the browser has no locks
const SLOWEST = 8; // bytes a millisecond below which an upload is given up and tried anew
const holder = newKey();

/** A new idempotency key: 128 random bits, 32 hexadecimal digits. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const listeners = new Set();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
channel?.addEventListener("message", (event) => listeners.forEach((listener) => listener(event.data)));

/** Hear what happens to submissions, here, in other tabs and in the service worker. Returns the way to stop. */
export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function publish(message) {
  listeners.forEach((listener) => listener(message));
  channel?.postMessage(message);
}

/** Move a draft into the queue, before any network. Rejects when the device cannot keep it. */
export async function enqueue(item) {
  await transact(["queue", "drafts"], "readwrite", async (tables, ask) => {
    await ask(tables.queue.put({ ...item, attempts: 0, tries: 0, next_at: 0, offline: false }));
    await ask(tables.drafts.delete(item.form));
  });
  publish({ type: "queued", key: item.key, form: item.form });
}

const draftOf = (item) => ({ form: item.form, key: item.key, fields: item.draft, photos: item.photos, saved_at: Date.now() });

/** Take a submission back for changes; only while it has never left the device. Returns the draft, or null. */
export function takeBack(key) {
  return transact(["queue", "drafts"], "readwrite", async (tables, ask) => {
    const item = await ask(tables.queue.get(key));
    if (!item || item.attempts > 0) return null;
    await ask(tables.queue.delete(key));
    await ask(tables.drafts.put(draftOf(item)));
    return draftOf(item);
  });
}

/**
 * One try over the network; keeps nothing.
 * @returns {{kind:"sent",response}|{kind:"refused",status,problem}|{kind:"later",after,offline}} after: seconds asked for by the server
 */
export async function attempt(item) {
  const body = new FormData();
  body.append("payload", JSON.stringify(item.fields));
  for (const photo of item.photos) body.append("photo", photo.blob, photo.name);
  const size = item.photos.reduce((sum, photo) => sum + photo.blob.size, 0);
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), 60_000 + size / SLOWEST);
  try {
    const response = await fetch(item.action, {
      method: "POST",
      body,
      headers: { "Idempotency-Key": item.key, Accept: "application/json" },
      credentials: "same-origin",
      redirect: "error", // a wireless network's sign-in page is not our answer
      signal: giveUp.signal,
    });
    const isJson = /\bjson\b/.test(response.headers.get("Content-Type") ?? "");
    if (response.ok && isJson) return { kind: "sent", response: await response.json() };
    const again = response.ok || response.status >= 500 || [408, 425, 429].includes(response.status);
    if (!again) return { kind: "refused", status: response.status, problem: isJson ? await response.json() : {} };
    return { kind: "later", after: retryAfter(response), offline: false };
  } catch {
    return { kind: "later", after: 0, offline: true };
  } finally {
    clearTimeout(timer);
  }
}

function retryAfter(response) {
  const said = response.headers.get("Retry-After");
  if (!said) return 0;
  const seconds = /^\d+$/.test(said) ? Number(said) : (Date.parse(said) - Date.now()) / 1000;
  return Math.min(Math.max(seconds || 0, 0), 3600);
}

/** Milliseconds until the next try: doubling from 2 s to 5 min, half of it chance, never sooner than the server asked. */
export function pause(tries, after) {
  const most = Math.min(300_000, 2000 * 2 ** Math.min(tries, 10));
  return Math.max(most / 2 + (Math.random() * most) / 2, after * 1000);
}

/**
 * Send what is due. Only one tab or worker at a time does.
 * @param {""|"network"|"all"} eager "network": also what only lacked a network; "all": everything, now
 * @returns {Promise<{busy:boolean,left:number,next_at:number}>} next_at: epoch ms of the next try, 0 when nothing waits
 */
export async function flush(eager = "") {
  const done = await alone(async (renew) => {
    const items = (await all("queue")).sort((a, b) => a.created - b.created);
    for (const item of items) {
      const due = eager === "all" || (eager === "network" && item.offline) || item.next_at <= Date.now();
      if (!due) continue;
      await renew();
      if (!(await sendOne(item))) break;
    }
  });
  const left = await all("queue");
  return { busy: !done, left: left.length, next_at: left.reduce((least, item) => Math.min(least, item.next_at), Infinity) };
}

/** Send one; returns false when the network is gone and the others need not be tried. */
async function sendOne(item) {
  if (globalThis.navigator?.onLine === false) {
    await later(item, 0, true, false);
    return false;
  }
  // Counted before it leaves: from here on it may have arrived, and can no longer be taken back.
  const leaving = await transact(["queue"], "readwrite", async (tables, ask) => {
    const current = await ask(tables.queue.get(item.key));
    if (!current) return null;
    const counted = { ...current, attempts: current.attempts + 1 };
    await ask(tables.queue.put(counted));
    return counted;
  });
  if (!leaving) return true;
  publish({ type: "sending", key: item.key, form: item.form });
  const outcome = await attempt(leaving);
  if (outcome.kind === "sent") await sent(leaving, outcome.response);
  else if (outcome.kind === "refused") await refused(leaving, outcome);
  else await later(leaving, outcome.after, outcome.offline, true);
  return !(outcome.kind === "later" && outcome.offline);
}

async function sent(item, response) {
  const record = { key: item.key, form: item.form, title: item.title, at: Date.now(), response, seen: false };
  await transact(["queue", "drafts", "sent"], "readwrite", async (tables, ask) => {
    await ask(tables.sent.put(record));
    await ask(tables.queue.delete(item.key));
    const draft = await ask(tables.drafts.get(item.form));
    if (draft?.key === item.key) await ask(tables.drafts.delete(item.form));
  });
  publish({ type: "sent", key: item.key, form: item.form, response });
}

async function refused(item, { status, problem }) {
  // Back to a draft, with what is wrong, so that it is found even if the page was closed meanwhile. Same key: nothing was made.
  await transact(["queue", "drafts"], "readwrite", async (tables, ask) => {
    await ask(tables.queue.delete(item.key));
    const other = await ask(tables.drafts.get(item.form));
    const draft = { ...draftOf(item), problem };
    if (!other || other.key === item.key) await ask(tables.drafts.put(draft));
    else await ask(tables.drafts.put({ ...draft, form: `${item.form}#other` }));
  });
  publish({ type: "refused", key: item.key, form: item.form, status, problem });
}

async function later(item, after, offline, tried) {
  const tries = tried ? item.tries + 1 : item.tries;
  const next_at = Date.now() + pause(tries, after);
  await transact(["queue"], "readwrite", async (tables, ask) => {
    const current = await ask(tables.queue.get(item.key));
    if (current) await ask(tables.queue.put({ ...current, tries, next_at, offline }));
  });
  publish({ type: "waiting", key: item.key, form: item.form, next_at, offline, attempts: item.attempts });
}

/** Run `work` unless another tab or worker is at it. Returns whether it ran. */
async function alone(work) {
  const locks = globalThis.navigator?.locks;
  if (locks) {
    return locks.request(CHANNEL, { ifAvailable: true }, async (lock) => {
      if (lock) await work(async () => undefined);
      return Boolean(lock);
    });
  }
  const lease = (take) => transact(["meta"], "readwrite", async (tables, ask) => {
    const held = await ask(tables.meta.get("lease"));
    if (held && held.holder !== holder && held.until > Date.now()) return false;
    await ask(tables.meta.put({ name: "lease", holder, until: take ? Date.now() + LEASE : 0 }));
    return true;
  });
  if (!(await lease(true))) return false;
  const timer = setInterval(() => lease(true), LEASE / 3);
  try {
    await work(() => lease(true));
  } finally {
    clearInterval(timer);
    await lease(false);
  }
  return true;
}
