import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { closeRedisClient, createRedisClient } from '../../src/stores/redis/redis-client.js';
import { redisSettings } from '../../src/stores/redis/redis-connection-options.js';
import { RedisRevocationFeedModule, RevocationSource, type PublishedRevocation } from '../../src/index.js';
import { RedisRevocationFeed } from '../../src/stores/redis/redis-revocation-feed.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

/** What docs/resource-servers.md tells an operator to write. */
const [ACL_COMMAND] = /^ACL SETUSER orders .*$/m.exec(readFileSync('docs/resource-servers.md', 'utf8'))!;
const RETENTION = 60_000;

let redis: RedisServer;

let heard: PublishedRevocation[];
/** What the app was asked to repeat in the store: never anything. */
let repeated: PublishedRevocation[];
let writer: RedisRevocationFeed;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  redis = await startRedis();
  const settings = redisSettings({ url: redis.url });
  const [client, reader] = await Promise.all(
    [0, 1].map(() => createRedisClient({ ...settings, at: settings.at as never })),
  );
  await eventually(() => client!.status === 'ready');
  writer = new RedisRevocationFeed(client!, reader!, settings);
  await writer.subscribe({
    retention: RETENTION,
    maxStaleness: 1_000,
    receive: () => undefined,
    held: () => [],
    lost: async () => undefined,
  });
  closers.push(
    () => writer.close(),
    () => closeRedisClient(client!),
  );
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await redis.stop();
});

async function listen(url: string): Promise<RevocationSource> {
  const host: TestingModule = await Test.createTestingModule({
    imports: [RedisRevocationFeedModule.forRoot({ url })],
  }).compile();
  await host.init();
  closers.push(() => host.close());
  const feed = host.get(RevocationSource);
  heard = [];
  repeated = [];
  const hear = (entries: readonly PublishedRevocation[]) => void heard.push(...entries);
  await feed.subscribe({
    retention: 1,
    maxStaleness: 1_000,
    receive: hear,
    held: () => heard,
    lost: async (entries) => void repeated.push(...entries),
  });
  return feed;
}

const ended = (sid: string) => ({ kind: 'session', sub: 'ann', sid, reason: 'session_revoked' }) as const;
const hears = (sid: string) => eventually(() => heard.some((entry) => entry.kind === 'session' && entry.sid === sid));

describe('the feed of an app that only hears', () => {
  it('needs no right but to read the stream', async () => {
    const [, ...words] = ACL_COMMAND.split(' ');
    await redis.client.call('ACL', words);
    // A busy machine may have cut the connection meanwhile.
    await eventually(() =>
      writer.publish([ended('s1')]).then(
        () => true,
        () => false,
      ),
    );
    const feed = await listen(redis.url.replace('redis://', 'redis://orders:password@'));
    await hears('s1');
    await writer.publish([ended('s2')]);
    await hears('s2');
    expect(feed.staleness()).toBeLessThan(60_000);
    // What is denied is written down by Redis.
    expect(await redis.client.call('ACL', 'LOG')).toEqual([]);
  });

  it('says how long an entry matters, which it cannot know where no token is issued', async () => {
    await listen(redis.url);
    await writer.publish([ended('s1')]);
    await hears('s1');
    expect(heard[0]!.keepFor).toBe(RETENTION);
  });

  it('publishes nothing, also when the store has lost what it holds: that is left to who may write', async () => {
    await listen(redis.url);
    await writer.publish([ended('s1')]);
    await hears('s1');
    await redis.client.flushall();
    // Heard after the loss, so the whole window was read again by then.
    await eventually(async () => {
      await writer.publish([ended('s2')]);
      return heard.some((entry) => entry.kind === 'session' && entry.sid === 's2');
    });
    const kept = JSON.stringify(await redis.client.xrange('kt:feed', '-', '+'));
    expect(kept).not.toContain('"s1"');
    expect(heard.some((entry) => entry.kind === 'session' && entry.sid === 's1')).toBe(true);
    // By the second one the window was read again to its end.
    for (const sid of ['s3', 's4']) {
      await writer.publish([ended(sid)]);
      await hears(sid);
    }
    expect(repeated).toEqual([]);
  });

  it('tells when it hears nothing, and when it does again', async () => {
    const told: string[] = [];
    for (const level of ['error', 'log'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((...[line]: unknown[]) => void told.push(String(line)));
    }
    const feed = await listen(redis.url);
    const { port } = redis;
    await redis.kill();
    await eventually(() => told.some((line) => line.includes('Revocations do not arrive here until it is back.')));
    await eventually(() => feed.staleness() > 1_000);
    redis = await startRedis({ port });
    await eventually(() => told.includes('Redis is back.'));
    await eventually(() => feed.staleness() < 1_000);
    jest.restoreAllMocks();
  });
});
