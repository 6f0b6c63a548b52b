import { within } from '../deadline.js';
import type { SessionStorage } from './session-storage.js';
import { memoryStorage } from './simple-storages.js';

const DEADLINE = 4000;

/**
 * A storage that cannot fail: where it is full, forbidden or hangs, memory takes its place, with what was known last.
 * @param failed is called once
 */
export function lastingStorage(make: () => SessionStorage, failed: () => void): SessionStorage {
  let storage: SessionStorage | undefined;
  let memory: SessionStorage | undefined;
  const known: Record<string, unknown> = {};
  const inStorage: SessionStorage['update'] = (name, change) =>
    within(DEADLINE, 'storage_failed', (async () => (storage ??= make()).update(name, change))());

  return {
    async update<T>(name: string, change: (kept: T | undefined) => T | undefined) {
      if (!memory) {
        try {
          const kept = await inStorage(name, change);
          known[name] = kept;
          return kept;
        } catch {
          // Two calls may fail at once.
          if (!memory) failed();
          memory ??= memoryStorage(known);
          // A spent token must not stay there for the other tabs: deleting works where writing does not.
          inStorage(name, () => undefined).catch(() => undefined);
        }
      }
      return memory.update(name, change);
    },
  };
}
