import { lastingStorage } from './lasting-storage.js';
import type { SessionStorage } from './session-storage.js';

const NAME = 'a session';
const KEY = 'keyturn key';
const token = (refresh: string) => ({ sid: 's', at: 0, life: 1, refresh });
const put = (refresh: string) => () => token(refresh);
const look = <T>(kept: T | undefined) => kept;

/** What a storage does to an operation: nothing, or it has no room to write, is locked, or is busy for a time. */
type Trouble = 'none' | 'full' | 'locked' | 'busy';

function storageInTrouble() {
  const there: Record<string, unknown> = {};
  const waiting: (() => void)[] = [];
  const told = { failed: 0, back: 0 };
  const state: { trouble: Trouble } = { trouble: 'none' };
  const troubled: SessionStorage = {
    async update(name, change) {
      if (state.trouble === 'locked') throw new Error('User interaction is not allowed');
      if (state.trouble === 'busy') await new Promise<void>((resolve) => waiting.push(resolve));
      const kept = there[name] as never;
      const next = change(kept);
      if (state.trouble === 'full' && next && next !== kept) throw new Error('QuotaExceededError');
      there[name] = next;
      return next;
    },
  };
  const [storage, mayRotate] = lastingStorage(
    () => troubled,
    () => told.failed++,
    () => told.back++,
  );
  const calm = () => {
    state.trouble = 'none';
    waiting.splice(0).forEach((goOn) => goOn());
  };
  return { there, told, state, storage, mayRotate, calm };
}

describe('a storage that fails at times', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const after = async <T>(work: Promise<T>, ms = 10_000): Promise<T> => {
    await jest.advanceTimersByTimeAsync(ms);
    return work;
  };

  it('is tried twice before memory takes its place, since one slow operation is no broken storage', async () => {
    const { there, told, state, storage, calm } = storageInTrouble();
    there[KEY] = 'the key of all tabs';
    state.trouble = 'busy';
    const key = storage.update<string>(KEY, (kept) => kept ?? 'made');
    await jest.advanceTimersByTimeAsync(4000);
    calm();
    expect(await after(key)).toBe('the key of all tabs');
    expect(told.failed).toBe(0);
  });

  it('looks again when an operation that was too slow has ended, and lets it change nothing then', async () => {
    const { there, told, state, storage, calm } = storageInTrouble();
    state.trouble = 'busy';
    expect(await after(storage.update(NAME, put('too late')))).toEqual(token('too late'));
    calm();
    await jest.advanceTimersByTimeAsync(0);
    expect(there[NAME]).toBeUndefined();
    expect(told).toEqual({ failed: 1, back: 2 });
  });

  it('is waited for when it is slow and no more: it gets what is late, and is not asked again and again', async () => {
    const there: Record<string, unknown> = {};
    let [takes, operations] = [5000, 0];
    const slow: SessionStorage = {
      async update(name, change) {
        operations++;
        await new Promise((resolve) => setTimeout(resolve, takes));
        return (there[name] = change(there[name] as never));
      },
    };
    const [storage] = lastingStorage(
      () => slow,
      () => undefined,
      () => void storage.update(NAME, look),
    );
    await after(storage.update(NAME, put('1')));
    takes = 600;
    await after(storage.update(NAME, put('2')), 60_000);
    expect(there[NAME]).toEqual(token('2'));
    const before = operations;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(operations).toBe(before);
  });

  it('gets at the next operation what memory has taken for it', async () => {
    const { there, told, state, storage } = storageInTrouble();
    await storage.update(NAME, put('1'));
    state.trouble = 'locked';
    await storage.update(NAME, put('2'));
    expect(await storage.update(NAME, look)).toEqual(token('2'));
    expect(there[NAME]).toEqual(token('1'));
    state.trouble = 'none';
    expect(await storage.update(NAME, look)).toEqual(token('2'));
    expect(there[NAME]).toEqual(token('2'));
    expect(told.failed).toBe(1);
  });

  it.each([
    ['a newer token', token('3')],
    ['a logout', undefined],
  ])('keeps %s of another tab, which is newer than what memory has', async (_, newer) => {
    const { there, state, storage } = storageInTrouble();
    await storage.update(NAME, put('1'));
    state.trouble = 'locked';
    await storage.update(NAME, put('2'));
    state.trouble = 'none';
    there[NAME] = newer;
    expect(await storage.update(NAME, look)).toEqual(newer);
    expect(there[NAME]).toEqual(newer);
  });

  it('forgets a logout that could not be written as little as a token', async () => {
    const { there, state, storage } = storageInTrouble();
    await storage.update(NAME, put('1'));
    state.trouble = 'locked';
    await storage.update(NAME, () => undefined);
    state.trouble = 'none';
    expect(await storage.update(NAME, look)).toBeUndefined();
    expect(there[NAME]).toBeUndefined();
  });
});

describe('whether a token may be spent', () => {
  /** The storage has the first token, this tab the second, and then comes trouble. */
  const oneBehind = async (trouble: Trouble) => {
    const made = storageInTrouble();
    await made.storage.update(KEY, () => 'the key of all tabs');
    await made.storage.update(NAME, put('1'));
    made.state.trouble = 'locked';
    await made.storage.update(NAME, put('2'));
    made.state.trouble = trouble;
    await made.storage.update(NAME, look);
    return made;
  };

  it('it may where the storage has what this tab has, or never had anything of it', async () => {
    const { storage, mayRotate, state } = storageInTrouble();
    state.trouble = 'locked';
    await storage.update(NAME, put('1'));
    expect(await mayRotate(NAME)).toBe(true);
    expect(await (await oneBehind('none')).mayRotate(NAME)).toBe(true);
  });

  it('it may not while the storage is one behind and locked: two behind would look like a theft', async () => {
    const { there, mayRotate } = await oneBehind('locked');
    expect(await mayRotate(NAME)).toBe(false);
    expect(there[NAME]).toEqual(token('1'));
  });

  it('it may where the spent token could be deleted, because deleting needs no room', async () => {
    const { there, mayRotate, storage, state } = await oneBehind('full');
    expect(await mayRotate(NAME)).toBe(true);
    expect(there).toEqual({ [NAME]: undefined, [KEY]: 'the key of all tabs' });
    expect(await storage.update(NAME, look)).toEqual(token('2'));
    state.trouble = 'none';
    await storage.update(NAME, look);
    expect(there[NAME]).toEqual(token('2'));
  });

  it('nothing is deleted that another tab has put there, and it is asked again', async () => {
    const { there, mayRotate } = await oneBehind('full');
    there[NAME] = token('of another tab');
    expect(await mayRotate(NAME)).toBe(false);
    expect(there[NAME]).toEqual(token('of another tab'));
  });

  it('it may not with a key that other tabs cannot have, while they can have the token', async () => {
    const { there, storage, mayRotate, state } = storageInTrouble();
    await storage.update(NAME, put('1'));
    state.trouble = 'locked';
    await storage.update<string>(KEY, (kept) => kept ?? 'made');
    expect(await mayRotate(NAME)).toBe(false);
    state.trouble = 'none';
    there[KEY] = 'the key of all tabs';
    expect(await storage.update<string>(KEY, (kept) => kept ?? 'made')).toBe('the key of all tabs');
    expect(await mayRotate(NAME)).toBe(true);
  });
});
