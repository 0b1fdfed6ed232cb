// When to send: at once, when the network is back, when the page is looked at again, and when the next try is due.
import { keep } from "../common.js";
import { flush } from "./sender.js";

let started = false;
let timer;
let running = null;

/** Try now; `eager` as in flush. Never rejects. */
export function run(eager = "") {
  clearTimeout(timer);
  running = (running ?? Promise.resolve()).then(() => flush(eager)).then(
    ({ busy, left, next_at }) => {
      keep("mts.waiting", left ? "1" : null);
      if (left) timer = setTimeout(run, busy ? 5000 : Math.min(Math.max(next_at - Date.now(), 1000), 300_000));
    },
    () => undefined, // the store is closed to us; the form says so itself
  );
  return running;
}

/** Begin to watch; again is harmless. */
export function start() {
  if (started) return;
  started = true;
  addEventListener("online", () => run("network"));
  addEventListener("pageshow", () => run());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && run());
  run("network");
}

/** Ask the browser to wake the service worker for it when the network is back, even with no page open. */
export function askForSync() {
  navigator.serviceWorker?.getRegistration?.().then((registration) => registration?.sync?.register("mts-outbox")).catch(() => undefined);
}
