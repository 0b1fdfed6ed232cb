// Sends what was typed into sheets and is still on this device only, whichever page is opened first when the network is back.
import { keep } from "../ui/common.js";
import { person, unsaved, WAITING } from "./keeping.js";
import { Model } from "./model.js";
import { ask, Saver } from "./saving.js";

const AGAIN = 30_000; // ms until what could not be sent is tried again
let started = false;
let timer;

/** What is typed on the page that is open is sent by that page. */
const isOpen = (address) => location.pathname.replace("/csdl/nhap/", "/csdl/so-lieu/") === address;

async function sendOne(kept) {
  const { ok, body } = await ask(kept.address);
  if (!ok || body.person !== kept.person) return;
  const model = new Model(body, kept);
  const saver = new Saver(model, kept.person, kept.address, () => undefined);
  saver.wasOffline = true;
  await saver.keepAll(Object.keys(kept.edits));
  await saver.save();
  saver.stop();
}

/** Try to send everything; never rejects. */
export async function sendWaiting() {
  clearTimeout(timer);
  try {
    const me = person();
    for (const kept of me ? await unsaved(me) : []) if (!isOpen(kept.address)) await sendOne(kept);
    const left = me ? (await unsaved(me)).length : 0;
    keep(WAITING, left ? "1" : null);
    dispatchEvent(new Event("mts:sheets"));
    if (left && navigator.onLine !== false) timer = setTimeout(sendWaiting, AGAIN);
  } catch {
    // the store is closed to us; the sheet says so itself
  }
}

/** Begin to watch; again is harmless. */
export function start() {
  if (started) return;
  started = true;
  addEventListener("online", sendWaiting);
  sendWaiting();
}
