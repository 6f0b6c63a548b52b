import type { SessionStorage } from '../../src/client/index.js';
import { eventually } from '../support/eventually.js';
import { nameIn, openStorage, useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();
const ends = ({ told }: { told: [name: string, event: unknown][] }) => told.filter(([name]) => name === 'ended');

/** A storage of several tabs that has no room, or is locked, when a test says so. */
function troubled() {
  const { storage, kept } = openStorage();
  const trouble = { isFull: false, isLocked: false };
  const own: SessionStorage = {
    async update(name, change) {
      if (trouble.isLocked) throw new Error('User interaction is not allowed');
      return storage.update(name, (before) => {
        const next = change(before);
        if (trouble.isFull && next && next !== before) throw new Error('QuotaExceededError');
        return next;
      });
    },
  };
  return { storage: own, kept, trouble };
}

/** A session that has refreshed before, so that the storage has its key too. */
async function atWork(storage: SessionStorage) {
  const session = await sessions.login({ storage });
  host.clock.advance('31m');
  await session.accessToken();
  return session;
}

describe('a session whose storage fails at times', () => {
  it('finds what it could not read at its start: a phone starts applications by itself, while its key store is locked', async () => {
    const { storage, trouble } = troubled();
    const before = await sessions.login({ storage });
    trouble.isLocked = true;
    const session = sessions.make({ storage });
    expect(await session.accessToken()).toBeUndefined();
    trouble.isLocked = false;
    expect((await session.fetch('/shop/cart')).status).toBe(200);
    expect(session.state).toBe('in');
    expect(await session.accessToken()).toBe(await before.accessToken());
  });

  it('writes what it has refreshed meanwhile, so that the next start is no theft', async () => {
    const { storage, kept, trouble } = troubled();
    const session = await atWork(storage);
    const key = kept['keyturn key'];
    trouble.isLocked = true;
    host.clock.advance('31m');
    await session.accessToken();
    trouble.isLocked = false;
    for (let count = 0; count < 2; count++) {
      host.clock.advance('31m');
      await session.accessToken();
    }
    const next = sessions.make({ storage });
    expect(await next.accessToken()).toBe(await session.accessToken());
    host.clock.advance('31m');
    expect((await next.fetch('/shop/cart')).status).toBe(200);
    expect([next, session].flatMap(ends)).toEqual([]);
    expect(kept['keyturn key']).toBe(key);
  });

  it('does not refresh for a second time while the storage is locked, and goes on when it is not', async () => {
    const { storage, trouble } = troubled();
    const session = await atWork(storage);
    trouble.isLocked = true;
    host.clock.advance('31m');
    await session.accessToken();
    host.clock.advance('31m');
    const before = host.proxy.seen('/auth/refresh').length;
    const told = session.told.length;
    const token = session.accessToken();
    await eventually(() => session.told.length > told);
    expect(session.told.at(-1)).toEqual(['error', expect.objectContaining({ code: 'storage_failed' })]);
    expect(host.proxy.seen('/auth/refresh')).toHaveLength(before);
    trouble.isLocked = false;
    expect(await token).toMatch(/^ey/);
    const next = sessions.make({ storage });
    host.clock.advance('31m');
    expect((await next.fetch('/shop/cart')).status).toBe(200);
    expect([next, session].flatMap(ends)).toEqual([]);
  });

  it('takes its spent token out of a storage that is full, so that nobody comes with it', async () => {
    const { storage, kept, trouble } = troubled();
    const session = await atWork(storage);
    const key = kept['keyturn key'];
    trouble.isFull = true;
    for (let count = 0; count < 3; count++) {
      host.clock.advance('31m');
      expect((await session.fetch('/shop/cart')).status).toBe(200);
    }
    expect(kept[nameIn(kept)]).toBeUndefined();
    const next = sessions.make({ storage });
    expect(await next.accessToken()).toBeUndefined();
    expect([next, session].flatMap(ends)).toEqual([]);
    expect(kept['keyturn key']).toBe(key);
    trouble.isFull = false;
    host.clock.advance('31m');
    const token = await session.accessToken();
    expect(await sessions.make({ storage }).accessToken()).toBe(token);
  });

  it('tells of it once', async () => {
    const { storage, trouble } = troubled();
    const session = await atWork(storage);
    trouble.isFull = true;
    for (let count = 0; count < 3; count++) {
      host.clock.advance('31m');
      await session.accessToken();
    }
    expect(session.told.filter(([name]) => name === 'error')).toEqual([
      ['error', expect.objectContaining({ code: 'storage_failed' })],
    ]);
  });
});
