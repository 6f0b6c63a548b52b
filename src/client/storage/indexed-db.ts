import { browser, type Database, type DatabaseRequest } from '../browser.js';
import type { SessionStorage } from './session-storage.js';

const NAME = 'keyturn';

const open = () =>
  new Promise<Database>((resolve, reject) => {
    const request = browser.indexedDB!.open(NAME);
    request.onupgradeneeded = () => request.result.createObjectStore(NAME);
    request.onerror = reject;
    request.onsuccess = () => resolve(request.result);
  });

/** One database of the browser for sessions and device secret, so that the browser clears both or neither. */
export function indexedDbStorage(): SessionStorage {
  return {
    async update<T>(name: string, change: (kept: T | undefined) => T | undefined) {
      // Opened each time: a connection that is kept is dead one day, since browsers close connections as they like.
      const database = await open();
      const step = database.transaction(NAME, 'readwrite');
      const store = step.objectStore(NAME);
      // It first lets the transaction end.
      database.close();
      return new Promise<T | undefined>((resolve, reject) => {
        let next: T | undefined;
        const read = store.get(name) as DatabaseRequest<T | undefined>;
        read.onsuccess = () => {
          next = change(read.result);
          if (!next) store.delete(name);
          else if (next !== read.result) store.put(next, name);
        };
        // Only now is it written: a full disk is told by an abort.
        step.oncomplete = () => resolve(next);
        step.onabort = reject;
      });
    },
  };
}
