// What was edited and not yet taken by the server, kept in this browser (IndexedDB), one entry per draft.
// A browser that keeps nothing (private window) answers null and loses nothing else.

const DATABASE = "tuntas-studio";
const STORE = "konsep";

function open() {
  return new Promise((done) => {
    let request;
    try {
      request = indexedDB.open(DATABASE, 1);
    } catch {
      done(null);
      return;
    }
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(null);
    request.onblocked = () => done(null);
  });
}

async function within(mode, work) {
  const database = await open();
  if (!database) return null;
  return new Promise((done) => {
    const transaction = database.transaction(STORE, mode);
    const request = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => { database.close(); done(request.result ?? true); };
    transaction.onerror = transaction.onabort = () => { database.close(); done(null); };
  });
}

/** Keep `work` ({files, main, revision, at}); answers whether it is kept. */
export const keep = async (draft, work) => (await within("readwrite", (store) => store.put(work, draft))) !== null;

export const kept = async (draft) => {
  const found = await within("readonly", (store) => store.get(draft));
  return found && found !== true ? found : null;
};

export const forget = (draft) => within("readwrite", (store) => store.delete(draft));
