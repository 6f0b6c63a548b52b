import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { closeRedisClient, createBlockingClient, createRedisClient } from '../../src/stores/redis/redis-client.js';
import { redisSettings } from '../../src/stores/redis/redis-connection-options.js';
import { RedisFeedWriter } from '../../src/stores/redis/redis-feed-writer.js';
import { LONGEST_BLOCK, RedisRevocationFeed } from '../../src/stores/redis/redis-revocation-feed.js';
import { RevocationList } from '../../src/revocation/revocation-list.js';
import type { PublishedRevocation, Revocation } from '../../src/revocation/revocation-feed.js';
import { eventually } from '../support/eventually.js';
import { startLine } from '../support/tcp-line.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { settlesWithin } from '../support/settles-within.js';

const RETENTION = 60_000;
const MAX_STALENESS = 1_000;

let redis: RedisServer;
const closers: (() => void)[] = [];

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await redis.stop();
});

/** An instance's end of the feed. */
async function instance(retention = RETENTION, writesTo = redis.url) {
  const settings = redisSettings({ url: redis.url });
  const client = await createRedisClient({ ...settings, at: redisSettings({ url: writesTo }).at as never });
  const reader = await createBlockingClient(settings, LONGEST_BLOCK);
  const feed = new RedisRevocationFeed(client, reader, settings);
  const list = new RevocationList(retention);
  const heard: PublishedRevocation[] = [];
  const lost: PublishedRevocation[] = [];
  if (client.status !== 'ready') await new Promise((resolve) => client.once('ready', resolve));
  await feed.subscribe({
    retention,
    maxStaleness: MAX_STALENESS,
    receive: (entries) => {
      heard.push(...entries);
      for (const entry of entries) list.add(entry, Date.now());
    },
    held: () => list.entries(),
    lost: async (entries) => void lost.push(...entries),
  });
  closers.push(() => {
    feed.close();
    closeRedisClient(client);
  });
  /** From now on it reads nothing, though the server sends. */
  const stopReading = () => void (reader as unknown as { stream: Socket }).stream.pause();
  return { feed, list, heard, lost, stopReading };
}

/** An instance that has nothing more to write by itself for a while. */
async function marked() {
  const here = await instance();
  await eventually(async () => (await redis.client.xlen('kt:feed')) === 1);
  return here;
}

/** The revocations in the stream, without the marks. */
async function kept(): Promise<(PublishedRevocation & { readonly sid?: string })[]> {
  const entries = await redis.client.xrange('kt:feed', '-', '+');
  return entries.filter(([, [field]]) => field === 'e').map(([, [, text]]) => JSON.parse(text!) as PublishedRevocation);
}

const ended = (sid: string, sub = 'ann'): Revocation => ({ kind: 'session', sub, sid, reason: 'session_revoked' });
const tokenOf = (sid: string, sub = 'ann') => ({ sub, sid, gen: 0, claims_at: 0 });

describe('the feed on Redis', () => {
  it('has told its own instance when it resolves, and the others a moment later', async () => {
    const [here, there] = [await instance(), await instance()];
    await here.feed.publish([ended('s1')]);
    expect(here.list.check(tokenOf('s1'))).toBe('session_revoked');
    await eventually(() => there.list.check(tokenOf('s1')) !== null);
  });

  it('has told its own instance also where that hears nothing of the stream', async () => {
    const here = await instance();
    here.stopReading();
    await here.feed.publish([ended('s1')]);
    expect(here.list.check(tokenOf('s1'))).toBe('session_revoked');
  });

  it('gives every entry the time of the store, and carries all kinds', async () => {
    const [here, there] = [await instance(), await instance()];
    const entries: Revocation[] = [
      ended('s1'),
      { kind: 'generation', sub: 'b\nob {*}', generation: 1_795_000_000_000, reason: 'session_revoked' },
      { kind: 'claims', sub: 'eve' },
    ];
    const before = Date.now();
    await here.feed.publish(entries);
    await eventually(() => there.heard.length === 3);
    expect(there.heard).toEqual(entries.map((entry) => ({ ...entry, keepFor: RETENTION, at: expect.any(Number) })));
    expect(there.heard[0]!.at).toBeGreaterThanOrEqual(before);
    expect(there.heard[0]!.at).toBeLessThanOrEqual(Date.now());
    expect(here.heard.slice(0, 3).map(({ at }) => at)).toEqual(there.heard.map(({ at }) => at));
  });

  it('tells an instance that starts later of everything that is kept', async () => {
    const here = await instance();
    await here.feed.publish(Array.from({ length: 2_500 }, (_, index) => ended(`s${index}`)));
    const late = await instance();
    expect(late.list.size).toBe(2_500);
  });

  it('knows how old its knowledge is: fresh while Redis answers, older and older while it does not', async () => {
    const { feed } = await instance();
    await new Promise((resolve) => setTimeout(resolve, 2 * MAX_STALENESS));
    expect(feed.staleness()).toBeLessThan(MAX_STALENESS);
    redis.pause();
    await eventually(() => feed.staleness() > MAX_STALENESS);
    redis.resume();
    await eventually(() => feed.staleness() < MAX_STALENESS);
  });

  it('hears after an outage what was published meanwhile by others', async () => {
    const cutOff = await instance();
    const { port } = redis;
    await redis.kill();
    redis = await startRedis({ port });
    await redis.client.xadd('kt:feed', '*', 'e', JSON.stringify({ v: 1, ...ended('s9') }));
    await eventually(() => cutOff.list.check(tokenOf('s9')) !== null);
  });

  it('publishes again what a store that fell back has lost, with its first time', async () => {
    const here = await instance();
    await here.feed.publish([ended('s1'), ended('s2')]);
    const { port } = redis;
    await redis.kill();
    redis = await startRedis({ port });
    await eventually(async () => (await redis.client.xlen('kt:feed')) >= 2);
    const late = await instance();
    // How long to keep it stands in what was read; here it is known from the own call or from reading, as it happens.
    const timesIn = ({ list }: typeof here) => [...list.entries()].map(({ kind, sub, at }) => ({ kind, sub, at }));
    expect(timesIn(late)).toEqual(timesIn(here));
  });

  it('notices without a new connection that the stream went backwards', async () => {
    const here = await instance();
    await here.feed.publish([ended('s1')]);
    await redis.client.flushall();
    // The mark of the instance may come before.
    await eventually(async () => (await kept()).length > 0);
    const late = await instance();
    expect(late.list.check(tokenOf('s1'))).toBe('session_revoked');
  });

  it('publishes again what it wrote to a former master while it read the new one already', async () => {
    const former = await startRedis();
    const line = await startLine(former.port);
    const here = await instance(RETENTION, `redis://127.0.0.1:${line.port}`);
    await here.feed.publish([ended('s1')]);
    // Only now the writing connection follows the reading one.
    line.leadTo(redis.port);
    await eventually(async () => (await kept()).some(({ sid }) => sid === 's1'));
    expect(here.lost).toContainEqual(expect.objectContaining({ sid: 's1' }));
    await Promise.all([line.close(), former.stop()]);
  });

  it('can call back when the memory of Redis is out', async () => {
    const [here, there] = [await instance(), await instance()];
    await redis.client.config('SET', 'maxmemory', '1');
    await here.feed.publish([ended('s1')]);
    await eventually(() => there.list.check(tokenOf('s1')) !== null);
  });

  it('is gone when nothing in it can matter any more', async () => {
    const { feed } = await instance();
    await feed.publish([ended('s1')]);
    const left = await redis.client.pttl('kt:feed');
    expect(left).toBeGreaterThan(RETENTION - 5_000);
    // What an instance marks as its retention counts for twice as long.
    expect(left).toBeLessThanOrEqual(2 * RETENTION);
  });

  it('trims what is over, and nothing else, by what each entry says of itself', async () => {
    const { feed } = await marked();
    const old = Date.now() - 10 * RETENTION;
    const packed = (sid: string, entry: object) => JSON.stringify({ v: 1, ...ended(sid), ...entry });
    await redis.client.del('kt:feed');
    await redis.client.xadd('kt:feed', `${old}-0`, 'e', packed('over', { keepFor: RETENTION }), 'at', old);
    await redis.client.xadd('kt:feed', `${old}-1`, 'k', RETENTION, 'at', old);
    await redis.client.xadd('kt:feed', `${old}-2`, 'e', 'no json', 'at', old);
    // Older by its id than it is: published again with its first time, which is later than its keeping says.
    await redis.client.xadd('kt:feed', `${old}-3`, 'e', packed('long', { keepFor: 20 * RETENTION }), 'at', old);
    await redis.client.xadd('kt:feed', `${old}-4`, 'e', packed('behind', { keepFor: RETENTION }), 'at', old);
    await feed.publish([ended('new')]);
    expect((await kept()).map(({ sid }) => sid)).toEqual(['long', 'behind', 'new']);
  });

  it('trims a flood of entries that are over, some more with each publication than it adds', async () => {
    const { feed } = await marked();
    const old = Date.now() - 10 * RETENTION;
    const packed = JSON.stringify({ v: 1, ...ended('over'), keepFor: RETENTION });
    // At once: the instance writes its mark again when it misses it, and nothing old can be added behind that.
    const flood = redis.client.multi().del('kt:feed');
    for (let i = 0; i < 200; i += 1) flood.xadd('kt:feed', `${old}-${i + 1}`, 'e', packed);
    await flood.exec();
    const names = Array.from({ length: 20 }, (_, i) => `s${i}`);
    for (const name of names) await feed.publish([ended(name)]);
    // The mark that it missed may stand there again.
    const left = (await kept()).map(({ sid }) => sid);
    expect(left).not.toContain('over');
    expect(left).toEqual(expect.arrayContaining(names));
  });

  describe('beside an instance with shorter access tokens', () => {
    const SHORT = 1_000;

    it('its entries and the stream are kept for as long as the longer ones need them', async () => {
      const long = await instance();
      await long.feed.publish([ended('s1')]);
      const short = await instance(SHORT);
      await short.feed.publish([ended('s2')]);
      expect(await redis.client.pttl('kt:feed')).toBeGreaterThan(RETENTION - 5_000);
      expect((await kept()).map(({ keepFor }) => keepFor)).toEqual([RETENTION, RETENTION]);
    });

    it('the stream is kept by one that has not read it yet, and knows of nobody', async () => {
      const long = await instance();
      await long.feed.publish([ended('s1')]);
      const settings = redisSettings({ url: redis.url });
      const stranger = new RedisRevocationFeed(redis.client, redis.client, settings);
      await stranger.publish([ended('s2')]);
      expect(await redis.client.pttl('kt:feed')).toBeGreaterThan(RETENTION - 5_000);
      expect((await kept()).map(({ sid }) => sid)).toEqual(['s1', 's2']);
    });

    it('what the shorter one revokes is kept for the tokens of the longer one, though that one revoked nothing', async () => {
      await instance();
      await eventually(async () => (await redis.client.xlen('kt:feed')) === 1);
      const short = await instance(SHORT);
      await short.feed.publish([ended('s1')]);
      expect((await kept()).map(({ keepFor }) => keepFor)).toEqual([RETENTION]);
      expect([...short.list.entries()]).toMatchObject([{ sid: 's1', keepFor: RETENTION }]);
    });

    it('each marks its own retention again after the stream was lost', async () => {
      await instance();
      await instance(SHORT);
      const marks = async () => {
        const entries = await redis.client.xrange('kt:feed', '-', '+');
        return entries.filter(([, [field]]) => field === 'k').map(([, [, retention]]) => Number(retention));
      };
      await eventually(async () => (await marks()).includes(RETENTION));
      await redis.client.flushall();
      await eventually(async () => (await marks()).includes(RETENTION));
    });
  });

  it('notices a store that went back although new entries have come since', async () => {
    const [here, there] = [await instance(), await instance()];
    await here.feed.publish([ended('s1')]);
    await eventually(() => there.list.check(tokenOf('s1')) !== null);
    // In one step, so that nobody can look in between.
    const entry = JSON.stringify({ v: 1, ...ended('s2'), keepFor: RETENTION });
    await redis.client.multi().del('kt:feed').xadd('kt:feed', '*', 'e', entry).exec();
    await eventually(async () => (await kept()).some(({ sid }) => sid === 's1'));
    expect([...here.lost, ...there.lost]).toContainEqual(expect.objectContaining({ sid: 's1' }));
    expect([...here.lost, ...there.lost]).not.toContainEqual(expect.objectContaining({ sid: 's2' }));
  });

  it('notices a store that went back although another entry has the id of the last one', async () => {
    const [here, there] = [await marked(), await instance()];
    await here.feed.publish([ended('s1')]);
    await eventually(() => there.list.check(tokenOf('s1')) !== null);
    const [id] = (await redis.client.xrevrange('kt:feed', '+', '-', 'COUNT', 1))[0]!;
    const entry = JSON.stringify({ v: 1, ...ended('s2'), keepFor: RETENTION });
    await redis.client.multi().del('kt:feed').xadd('kt:feed', id, 'e', entry).exec();
    await eventually(async () => (await kept()).some(({ sid }) => sid === 's1'));
    await eventually(() => there.list.check(tokenOf('s2')) !== null);
  });

  it('reads the whole window after a break, because a new master may have entries below the last one', async () => {
    const [here, there] = [await instance(), await instance()];
    await there.feed.publish([ended('s1')]);
    await eventually(() => here.list.check(tokenOf('s1')) !== null);
    const entries = await redis.client.xrange('kt:feed', '-', '+');
    const below = JSON.stringify({ v: 1, ...ended('s9'), keepFor: RETENTION });
    const rebuilt = redis.client.multi().del('kt:feed').xadd('kt:feed', '1-1', 'e', below, 'at', Date.now());
    for (const [id, fields] of entries) rebuilt.xadd('kt:feed', id, ...fields);
    await rebuilt.exec();
    await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await eventually(() => here.list.check(tokenOf('s9')) !== null);
  });

  it('repeats nothing where nothing was lost: a cut line, a new instance', async () => {
    const here = await instance();
    await here.feed.publish([
      ended('s1'),
      { kind: 'generation', sub: 'bob', generation: 3, reason: 'session_revoked' },
    ]);
    await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const there = await instance();
    await eventually(() => there.list.size === 2);
    await there.feed.publish([ended('s2')]);
    await eventually(() => here.list.size === 3);
    await eventually(() => there.list.size === 3);
    expect([here.lost, there.lost]).toEqual([[], []]);
    expect(await kept()).toHaveLength(3);
  });

  it('passes over what is no entry of its format', async () => {
    const here = await instance();
    await redis.client.xadd('kt:feed', '*', 'e', 'no json');
    await redis.client.xadd('kt:feed', '*', 'other', 'field');
    await redis.client.xadd('kt:feed', '*', 'e', JSON.stringify({ kind: 'session', sub: 'ann', sid: 's1' }));
    await redis.client.xadd('kt:feed', '*', 'e', JSON.stringify({ v: 1, ...ended('s2') }));
    await eventually(() => here.list.check(tokenOf('s2')) !== null);
    expect(here.list.size).toBe(1);
    expect(here.feed.staleness()).toBeLessThan(Infinity);
  });

  it.each([
    ['a version', { v: 2, ...ended('s1') }],
    ['a kind', { v: 1, kind: 'device', sub: 'ann', device: 'd1' }],
  ])('counts as stale behind an entry of %s to come: it cannot tell whom to refuse', async (_what, entry) => {
    const here = await instance();
    await redis.client.xadd('kt:feed', '*', 'e', JSON.stringify(entry));
    await redis.client.xadd('kt:feed', '*', 'e', JSON.stringify({ v: 1, ...ended('s2') }));
    await eventually(() => here.list.check(tokenOf('s2')) !== null);
    expect(here.feed.staleness()).toBe(Infinity);
    expect((await instance()).feed.staleness()).toBe(Infinity);
    expect(await kept()).toHaveLength(2);
  });

  it('says once that a fault of the program keeps it from reading, and counts as stale until it is gone', async () => {
    const [here, there] = [await instance(), await instance()];
    const told = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const bug = jest.spyOn(here.list, 'add').mockImplementation(() => {
      throw new TypeError('a bug');
    });
    await there.feed.publish([ended('s1')]);
    await eventually(() => here.feed.staleness() > MAX_STALENESS);
    const said = told.mock.calls.filter(([text]) => String(text).includes('a bug'));
    bug.mockRestore();
    told.mockRestore();
    expect(said).toHaveLength(1);
    await eventually(() => here.feed.staleness() < MAX_STALENESS && here.list.check(tokenOf('s1')) !== null);
  });

  it('keeps nothing of what it publishes where nobody subscribes, so that it does not grow', async () => {
    const writer = new RedisFeedWriter(redis.client, 'kt:feed', 500);
    await writer.publish([ended('s1')], RETENTION);
    expect(await kept()).toHaveLength(1);
    expect(writer.unread.size).toBe(0);
  });

  it('says in time that it cannot publish', async () => {
    const here = await instance();
    redis.pause();
    const publishing = here.feed.publish([ended('s1')]);
    expect(await settlesWithin(700, publishing)).toBe(true);
    await expect(publishing).rejects.toMatchObject({ code: 'store_unavailable' });
    redis.resume();
  });
});
