import { browser, type Database, type DatabaseRequest } from '../browser.js';
import type { SessionStorage } from './session-storage.js';

const NAME = 'keyturn';

/** One database of the browser for sessions and device secret, so that the browser clears both or neither. */
export function indexedDbStorage(): SessionStorage {
  let opened: Promise<Database> | undefined;
  const open = () =>
    new Promise<Database>((resolve, reject) => {
      const request = browser.indexedDB!.open(NAME);
      request.onupgradeneeded = () => request.result.createObjectStore(NAME);
      request.onerror = reject;
      request.onsuccess = () => resolve(request.result);
    });

  return {
    async update<T>(name: string, change: (kept: T | undefined) => T | undefined) {
      const step = (await (opened ??= open())).transaction(NAME, 'readwrite');
      const store = step.objectStore(NAME);
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
