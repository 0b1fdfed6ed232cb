// Registers the service worker and lets what is waiting be sent, whichever page is opened first.
import { useEffect } from "react";
import { recall } from "./common.js";

/** True while words are being typed that are not kept yet: then a new worker waits (outbox_form sets it). */
const typingNow = () => document.documentElement.dataset.typing === "true";

export function ServiceWorker() {
  useEffect(() => {
    // The sender is fetched only where something was left unsent.
    if (recall("mts.waiting")) import("./outbox/runner.js").then((runner) => runner.start());
    if (recall("mts.sheets")) import("../registry/waiting.js").then((waiting) => waiting.start());
    if (!("serviceWorker" in navigator) || !window.isSecureContext) return undefined;
    let timer;
    const hurry = (worker) => {
      if (typingNow()) timer = setTimeout(hurry, 5000, worker);
      else worker.postMessage("take-over");
    };
    const register = () =>
      navigator.serviceWorker.register("/sw.js", { type: "module", updateViaCache: "none" }).then((registration) => {
        if (registration.waiting) hurry(registration.waiting);
        registration.addEventListener("updatefound", () => {
          const worker = registration.installing;
          worker?.addEventListener("statechange", () => {
            if (worker.state === "installed" && navigator.serviceWorker.controller) hurry(worker);
          });
        });
        registration.active?.postMessage("look-for-new-shell");
      }, () => undefined); // no module workers here: everything works, only not without network
    // After the page itself: its files must not wait for the shell's.
    if (document.readyState === "complete") timer = setTimeout(register, 1500);
    else addEventListener("load", () => { timer = setTimeout(register, 1500); }, { once: true });
    return () => clearTimeout(timer);
  }, []);
  return null;
}
