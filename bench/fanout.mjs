import { randomBytes, randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { load } from './build.mjs';
import { percentile } from './load.mjs';
import { startRedis } from './redis.mjs';
import { interleave, least, middle, spread } from './rounds.mjs';
import { printTable } from './table.mjs';

const SUBSCRIBERS = [1, 10, 100, 1_000];
/** One after the other, each once all have the one before. */
const SINGLE = 20;
/** All at once, as when somebody ends a thousand sessions. */
const BURST = 1_000;
const BATCH = 10;
const KEEP = 3_600_000;
const SETTINGS = { keyPrefix: 'kt:', commandTimeout: 30_000 };
const AT_ONCE = 50;

/**
 * What the feed costs Redis by the number of instances that read it: docs/scaling.md. The subscribers are those of the
 * library, each with a connection of its own, all in this process; so is the time until the last one has heard, and that is
 * an upper bound: separate instances do not wait for each other.
 */
export async function fanout({ rounds = 3, milliseconds = 2_000 }) {
  const variants = [];
  for (const count of SUBSCRIBERS) variants.push(await startVariant(count));
  const samples = await interleave(variants, rounds, (variant) => sample(variant, milliseconds));
  const rows = [...samples].map(([{ count }, own]) => ({
    subscribers: count,
    'idle, Redis CPU ms/s': least(own, 'idle').toFixed(2),
    'one revocation, Redis CPU µs': least(own, 'single').toFixed(0),
    'min–max': spread(own, 'single'),
    'until the last, p50 ms': middle(own, 'delay').toFixed(1),
    [`of ${BURST} at once, Redis CPU µs each`]: least(own, 'burst').toFixed(0),
  }));
  printTable('Feed: cost of a revocation by subscribers', rows);
  for (const { stop } of variants) await stop();
}

async function startVariant(count) {
  const { RedisRevocationFeed, RedisRevocationSource } = await load('stores/redis/redis-revocation-feed.js');
  const redis = await startRedis();
  const connect = () => new Redis(redis.url);
  const publisher = new RedisRevocationFeed(redis.client, connect(), SETTINGS);
  const heard = { entries: 0 };
  const subscriber = (receive) => ({
    retention: KEEP,
    maxStaleness: 30_000,
    receive,
    held: () => [],
    lost: async () => undefined,
  });
  // What a publisher is told at once is its own; it does not count.
  await publisher.subscribe(subscriber(() => undefined));
  const sources = Array.from({ length: count }, () => new RedisRevocationSource(connect(), SETTINGS));
  for (let done = 0; done < count; done += AT_ONCE) {
    const some = sources.slice(done, done + AT_ONCE);
    await Promise.all(
      some.map((source) => source.subscribe(subscriber((entries) => (heard.entries += entries.length)))),
    );
  }
  const stop = async () => {
    for (const source of [publisher, ...sources]) source.close();
    await redis.stop();
  };
  return { count, redis, publisher, heard, stop };
}

const ended = () => ({
  kind: 'session',
  sub: randomUUID(),
  sid: randomBytes(16).toString('base64url'),
  reason: 'session_revoked',
});

async function sample({ count, redis, publisher, heard }, milliseconds) {
  const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
  const spent = async (work) => {
    const before = await redis.cpu();
    await work();
    return (await redis.cpu()) - before;
  };
  const allHear = async (revocations) => {
    const wanted = heard.entries + count * revocations.length;
    const asked = performance.now();
    await publisher.publish(revocations);
    while (heard.entries < wanted) await new Promise(setImmediate);
    return performance.now() - asked;
  };
  const idle = await spent(() => pause(milliseconds));
  const delays = [];
  const single = await spent(async () => {
    for (let time = 0; time < SINGLE; time += 1) delays.push(await allHear([ended()]));
    // What the readers ask once they have heard belongs to it.
    await pause(200);
  });
  const burst = await spent(async () => {
    const wanted = heard.entries + count * BURST;
    const batches = Array.from({ length: BURST / BATCH }, () => Array.from({ length: BATCH }, ended));
    await Promise.all(batches.map((batch) => publisher.publish(batch)));
    while (heard.entries < wanted) await pause(20);
    await pause(200);
  });
  const sorted = delays.toSorted((a, b) => a - b);
  return {
    idle: idle / milliseconds,
    single: single / SINGLE,
    burst: burst / BURST,
    delay: percentile(sorted, 0.5),
  };
}
