import { within } from '../deadline.js';
import type { SessionError } from '../session-error.js';
import type { SessionStorage, StoredSession } from './session-storage.js';

/** Milliseconds that an operation may take, and the next try after one that has failed. */
const [DEADLINE, RETRY] = [4000, 500];

/** What memory has and the storage has not. */
interface Late {
  /** In the place of what. */
  readonly instead: unknown;
  readonly value: unknown;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What counts: what was late, unless another tab has changed the storage since. */
const latest = (kept: unknown, late?: Late): unknown => (late && same(kept, late.instead) ? late.value : kept);

/**
 * A storage that may fail at times: be full, forbidden or slow. Each name is in one of two states:
 *
 * - level: the storage has what this tab has. An operation that fails twice is done in memory; what it changed is late.
 * - late: memory is ahead of the storage. The next operation first writes what is late.
 *
 * A token is spent in a level state, or after its predecessor was deleted from the storage. So what the storage has is
 * one rotation behind what a tab holds, or none, or it is not there: more would be taken for a theft at the next start.
 * @param failed is called when operations begin to fail
 * @param back is called when an operation that was too slow has come to its end
 * @returns the storage, and what tells before a token is spent whether it may be
 */
export function lastingStorage(
  make: () => SessionStorage,
  failed: (why: SessionError) => void,
  back: () => void,
): [storage: SessionStorage, mayRotate: (name: string) => Promise<boolean>] {
  let storage: SessionStorage | undefined;
  let isFailing = false;
  /** Whether an operation that was given up has come to its end: it is slow, and the next one is waited for. */
  let isSlow = false;
  /** What the storage had when it last answered. */
  const known: Record<string, unknown> = {};
  const late = new Map<string, Late>();

  async function inStorage<T>(name: string, deadline: number, change: (kept: T | undefined) => T | undefined) {
    let isGivenUp = false;
    const work = (async () => (storage ??= make()).update<T>(name, (kept) => (isGivenUp ? kept : change(kept))))();
    try {
      return (known[name] = await within(deadline, 'storage_failed', work)) as T | undefined;
    } catch (error) {
      // It may still come to its turn, after later ones: then it changes nothing.
      isGivenUp = true;
      work.then(
        () => {
          isSlow = true;
          back();
        },
        () => undefined,
      );
      throw error;
    }
  }

  async function update<T>(name: string, change: (kept: T | undefined) => T | undefined) {
    const deadlines = isFailing ? [isSlow ? DEADLINE : RETRY] : [DEADLINE, RETRY];
    isSlow = false;
    let why: unknown;
    for (const deadline of deadlines) {
      let written: Late | undefined;
      try {
        const kept = await inStorage<T>(name, deadline, (there) =>
          change(latest(there, (written = late.get(name))) as T),
        );
        if (late.get(name) === written) late.delete(name);
        isFailing = late.size > 0;
        return kept;
      } catch (error) {
        // Once more, then in memory.
        why = error;
      }
    }
    if (!isFailing) failed(why as SessionError);
    isFailing = true;
    const { instead, value } = late.get(name) ?? { instead: known[name], value: known[name] };
    const next = change(value as T);
    if (next !== value) late.set(name, { instead, value: next });
    return next;
  }

  return [
    { update },
    async (name) => {
      const there = known[name] as StoredSession | undefined;
      // Who has signed out spends it to end the session, which a theft would end as well.
      const isLeft = late.has(name) && !late.get(name)!.value;
      if (late.size === 0 || !there?.refresh || isLeft) return true;
      try {
        // Deleting works where writing does not. What another tab has put there stays.
        if (await inStorage(name, RETRY, (kept) => (same(kept, there) ? undefined : kept))) return false;
      } catch {
        return false;
      }
      late.set(name, { instead: undefined, value: (late.get(name) ?? { value: there }).value });
      return true;
    },
  ];
}
