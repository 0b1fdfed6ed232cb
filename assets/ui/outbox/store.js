// What the device keeps: drafts, submissions waiting, submissions sent. IndexedDB behind promises.
// Used by pages and by the service worker, so nothing but the language and IndexedDB is used here.

const NAME = "mattranso";
const STORES = { drafts: "form", queue: "key", sent: "key", meta: "name" };
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(STORES)) request.result.createObjectStore(store, { keyPath });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => {
        request.result.close();
        opened = null;
      };
      request.result.onclose = () => (opened = null);
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
  opened.catch(() => (opened = null));
  return opened;
}

/**
 * Run `work` in one transaction; it commits whole or not at all.
 * @param {string[]} stores
 * @param {"readonly"|"readwrite"} mode
 * @param {(tables: Record<string, IDBObjectStore>, ask: (r: IDBRequest) => Promise<any>) => any} work awaits only `ask(…)`
 */
export async function transact(stores, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode);
    const tables = Object.fromEntries(stores.map((name) => [name, transaction.objectStore(name)]));
    const ask = (request) => new Promise((done, fail) => {
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    Promise.resolve(work(tables, ask)).then((value) => (result = value), (error) => {
      reject(error);
      try {
        transaction.abort();
      } catch {
        // it has ended by itself
      }
    });
  });
}

export const get = (store, key) => transact([store], "readonly", (tables, ask) => ask(tables[store].get(key)));
export const all = (store) => transact([store], "readonly", (tables, ask) => ask(tables[store].getAll()));
export const put = (store, value) => transact([store], "readwrite", (tables, ask) => ask(tables[store].put(value)));
export const remove = (store, key) => transact([store], "readwrite", (tables, ask) => ask(tables[store].delete(key)));
