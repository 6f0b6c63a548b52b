import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { AttemptLog } from '../../src/limits/attempt-log.js';
import { FallbackAttemptLog } from '../../src/limits/fallback-attempt-log.js';
import { limitOf, withoutLongWait } from '../../src/limits/limit.js';
import { InMemoryAttemptLog } from '../../src/stores/memory/in-memory-attempt-log.js';
import { NOTE_ATTEMPT, RedisAttemptLog } from '../../src/stores/redis/redis-attempt-log.js';
import { closeRedisClient, createRedisClient } from '../../src/stores/redis/redis-client.js';
import { redisSettings } from '../../src/stores/redis/redis-connection-options.js';
import { scriptOf } from '../../src/stores/redis/redis-script.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { Random } from './differential/random.js';

const SETTINGS = { keyPrefix: 'kt:', commandTimeout: 5_000 };
const HOUR = 3_600_000;

describe('attempts', () => {
  let server: RedisServer;
  let other: Redis;
  beforeAll(async () => {
    server = await startRedis();
    other = server.client.duplicate();
  });
  beforeEach(() => server.client.flushall());
  afterAll(async () => {
    other.disconnect();
    await server.stop();
  });

  const logs: readonly [string, () => readonly AttemptLog[]][] = [
    ['in memory', () => [new InMemoryAttemptLog()]],
    [
      'in Redis, by two instances',
      () => [new RedisAttemptLog(server.client, SETTINGS), new RedisAttemptLog(other, SETTINGS)],
    ],
  ];

  describe.each(logs)('%s', (_where, logsOf) => {
    it('are counted exactly when a hundred come at once', async () => {
      const instances = logsOf();
      const notes = await Promise.all(
        Array.from({ length: 100 }, (_, n) => instances[n % instances.length]!.note('a', limitOf(10, HOUR))),
      );
      expect(notes.filter((noted) => 'at' in noted)).toHaveLength(10);
      for (const noted of notes) if ('wait' in noted) expect(noted.wait).toBeLessThanOrEqual(HOUR);
    });

    it('are kept apart by key', async () => {
      const [log] = logsOf() as [AttemptLog];
      await log.note('a', limitOf(1, HOUR));
      expect(await log.note('b', limitOf(1, HOUR))).toHaveProperty('at');
    });

    it('can be taken back, one at a time', async () => {
      const [log] = logsOf() as [AttemptLog];
      const limit = limitOf(2, HOUR);
      const first = (await log.note('a', limit)) as { at: number };
      await log.note('a', limit);
      await log.forget('a', first);
      await log.forget('never noted', first);
      expect(await log.note('a', limit)).toHaveProperty('at');
      expect(await log.note('a', limit)).toHaveProperty('wait');
    });
  });

  it('are decided in Redis by the very rule of the memory, over a long random history', async () => {
    let now = Date.parse('2026-03-01T12:00:00Z');
    const script = NOTE_ATTEMPT.lua.replace(`redis.call('TIME')`, `{0, redis.call('GET', 'clock') * 1000}`);
    expect(script).not.toBe(NOTE_ATTEMPT.lua);
    const redis = new RedisAttemptLog(server.client, SETTINGS, scriptOf(script));
    const memory = new InMemoryAttemptLog(() => now);
    const random = new Random(12);
    const limits = [
      limitOf(3, 10_000),
      withoutLongWait(limitOf(10, 40_000), 10_000),
      withoutLongWait(limitOf(50, HOUR), 900_000),
    ];
    for (let step = 0; step < 3_000; step++) {
      now += random.next() < 0.3 ? random.below(20_000) : random.below(20);
      await server.client.set('clock', now);
      const which = random.below(limits.length);
      const noted = await redis.note(`k${which}`, limits[which]!);
      expect(noted).toEqual(await memory.note(`k${which}`, limits[which]!));
      if ('at' in noted && random.next() < 0.2) {
        await redis.forget(`k${which}`, noted);
        await memory.forget(`k${which}`, noted);
      }
    }
  });

  it('leave nothing behind in Redis when their window is over, and name nobody', async () => {
    await new RedisAttemptLog(server.client, SETTINGS).note('source:abc', limitOf(5, 60_000));
    expect(await server.client.keys('*')).toEqual(['kt:limit:source:abc']);
    const left = await server.client.pttl('kt:limit:source:abc');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  it('take less than 20 bytes of Redis each', async () => {
    const log = new RedisAttemptLog(server.client, SETTINGS);
    for (let n = 0; n < 100; n++) await log.note('a', limitOf(100, HOUR));
    expect(await server.client.call('MEMORY', 'USAGE', 'kt:limit:a')).toBeLessThan(2_000);
  });

  it('in memory are bounded, and the keys that are over go first', async () => {
    let now = 0;
    const log = new InMemoryAttemptLog(() => now);
    for (let n = 0; n < 5_000; n++) await log.note(`key ${n}`, limitOf(1, 1_000));
    now = 1_000;
    for (let n = 0; n < 120_000; n++) await log.note(`other ${n}`, limitOf(1, HOUR));
    expect((log as unknown as { byKey: Map<string, unknown> }).byKey.size).toBeLessThanOrEqual(100_000);
  });
});

describe('attempts while Redis is away', () => {
  it('are counted by each instance alone, which is said once, and over all again when it is back', async () => {
    const warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const notices = jest.spyOn(Logger.prototype, 'log').mockImplementation();
    jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const server = await startRedis();
    const settings = redisSettings({ url: server.url, commandTimeout: '300ms' });
    const client = await createRedisClient(settings as Parameters<typeof createRedisClient>[0]);
    let now = 0;
    const log = new FallbackAttemptLog(
      new RedisAttemptLog(client, settings),
      new InMemoryAttemptLog(() => now),
      () => now,
    );
    const said = (spy: jest.SpyInstance) => spy.mock.calls.filter(([text]) => /ttempts/.test(String(text))).length;
    const limit = limitOf(3, HOUR);
    await eventually(() => client.status === 'ready');
    const right = await log.note('a', limit);
    await log.forget('a', right as { at: number });
    expect(await server.client.llen(`${settings.keyPrefix}limit:a`)).toBe(0);
    expect(await log.note('a', limit)).toHaveProperty('at');
    await server.kill();

    const notes = [];
    for (let n = 0; n < 5; n++, now += 400) notes.push(await log.note('a', limit));
    // One was noted before: an outage is no new beginning.
    expect(notes.filter((noted) => 'at' in noted)).toHaveLength(2);
    expect(said(warnings)).toBe(1);
    expect(said(notices)).toBe(0);

    const back = await startRedis({ port: server.port });
    await eventually(() => client.status === 'ready');
    now += 1_000;
    await log.note('b', limit);
    await log.note('b', limit);
    expect(await back.client.llen(`${settings.keyPrefix}limit:b`)).toBe(2);
    expect(said(notices)).toBe(1);
    closeRedisClient(client);
    await back.stop();
    jest.restoreAllMocks();
  });
});
