// What this device keeps of sheets, by person and address: the sheet as it was last seen, what was typed and is not saved yet,
// what others wrote into the same cells, and words begun. So a visited sheet opens without network and nothing typed is lost.
import { keep, recall } from "../ui/common.js";

const MOST = 40; // sheets with nothing unsaved
const WHO = "mts.person"; // ui/account.js forgets who has signed out
/** Name of the mark that something waits, for pages that know nothing of sheets. */
export const WAITING = "mts.sheets";
let opened = null;

/** The person whose sheets this device may show without asking the server. */
export const person = () => recall(WHO) ?? "";
export const setPerson = (id) => keep(WHO, id || null);

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("mattranso-registry", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("sheets", { keyPath: ["person", "address"] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  opened.catch(() => (opened = null));
  return opened;
}

async function within(mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("sheets", mode);
    let result;
    work(transaction.objectStore("sheets"), (value) => (result = value));
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** What is kept: {sheet, edits: {key: typed}, conflicts: {key: plain|null}, words: {…}, at}; null for nothing. */
export const recallSheet = (who, address) =>
  within("readonly", (sheets, give) => {
    sheets.get([who, address]).onsuccess = (event) => give(event.target.result ?? null);
  });

/**
 * Change what is kept of one sheet. Only what is named changes, so that two tabs do not undo each other.
 * @param {{sheet?: object, edits?: Record<string, string|null>, conflicts?: object, words?: object}} change
 *   edits: what was typed by cell; null forgets a cell's. The others replace what was kept.
 */
export const keepSheet = (who, address, change) => {
  if (Object.values(change.edits ?? {}).some((typed) => typed !== null)) keep(WAITING, "1");
  return within("readwrite", (sheets) => {
    sheets.get([who, address]).onsuccess = (event) => {
      const kept = event.target.result ?? { person: who, address, sheet: null, edits: {}, conflicts: {}, words: {} };
      const edits = Object.fromEntries(Object.entries({ ...kept.edits, ...change.edits }).filter(([, typed]) => typed !== null));
      sheets.put({ ...kept, ...change, edits, at: Date.now() });
    };
  });
};

/** Every sheet of a person on which something typed is not saved yet. */
export const unsaved = (who) =>
  within("readonly", (sheets, give) => {
    sheets.getAll(IDBKeyRange.bound([who, ""], [who, "\uffff"])).onsuccess = (event) =>
      give(event.target.result.filter((kept) => Object.keys(kept.edits).length));
  });

/** Forget the oldest sheets of a person on which nothing waits. */
export const tidy = (who) =>
  within("readwrite", (sheets) => {
    sheets.getAll(IDBKeyRange.bound([who, ""], [who, "\uffff"])).onsuccess = (event) => {
      const idle = event.target.result.filter((kept) => !Object.keys(kept.edits).length).sort((a, b) => b.at - a.at);
      for (const old of idle.slice(MOST)) sheets.delete([who, old.address]);
    };
  });
