import { browser } from '../browser.js';
import type { SessionStorage } from './session-storage.js';

/** Gone with the page. */
export function memoryStorage(kept: Record<string, unknown> = {}): SessionStorage {
  return {
    async update(name, change) {
      const next = change(kept[name] as never);
      kept[name] = next;
      return next;
    },
  };
}

/** Texts that every script of the origin can read and copy: the tokens, and the secret of the device. */
export function localStorageStorage(): SessionStorage {
  const storage = browser.localStorage!;
  return {
    async update(name, change) {
      const next = change(JSON.parse(storage.getItem(name) ?? 'null') ?? undefined);
      if (next) storage.setItem(name, JSON.stringify(next));
      else storage.removeItem(name);
      return next;
    },
  };
}
