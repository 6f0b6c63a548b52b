import { randomBytes, randomUUID } from 'node:crypto';
import { load } from './build.mjs';
import { startRedis } from './redis.mjs';
import { interleave, least, spread, whole } from './rounds.mjs';
import { printTable } from './table.mjs';

const DAY = 24 * 3600_000;
const AT_ONCE = 100;
const DEVICE = {
  name: 'My work laptop',
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
  ip: '2001:db8:85a3:8d3:1319:8a2e:370:7348',
};
// Redis' tables of keys double: at 5,000 they are as full as at 10,000 or 20,000.
const SUBJECTS = 5_000;

const random = (bytes) => randomBytes(bytes).toString('base64url');

/** What sessions cost Redis: docs/performance.md, goal 7. */
export async function store({ rounds = 5, milliseconds = 1_000, million = false }) {
  await reportMemory();
  await reportCost(million ? [1_000, 100_000, 1_000_000] : [1_000, 100_000], { rounds, milliseconds });
}

async function startStore() {
  const { RedisTokenRepository } = await load('stores/redis/redis-token.repository.js');
  const redis = await startRedis();
  const repository = new RedisTokenRepository(redis.client, { keyPrefix: 'kt:', commandTimeout: 30_000 });
  return { redis, repository };
}

const login = (sub, device = {}) => ({
  sub,
  sid: random(16),
  clientId: 'default',
  transport: 'body',
  secretHash: random(16),
  attempt: random(8),
  authTime: null,
  amr: ['pwd'],
  generation: null,
  idleTtl: 14 * DAY,
  absoluteTtl: 90 * DAY,
  device,
  maxSessions: 20,
});

/** Opens `each` sessions for each of so many subjects; what a rotation has to know of them. */
async function open(repository, subjects, each = 1, device) {
  const sessions = [];
  for (let done = 0; done < subjects; done += AT_ONCE) {
    const subs = Array.from({ length: Math.min(AT_ONCE, subjects - done) }, () => randomUUID());
    const logins = subs.flatMap((sub) => Array.from({ length: each }, () => login(sub, device)));
    await Promise.all(logins.map((command) => repository.open(command)));
    for (const { sub, sid, secretHash } of logins) sessions.push({ sub, sid, secretHash, seq: 0 });
  }
  return sessions;
}

async function rotate(repository, session) {
  const { sub, sid, secretHash, seq } = session;
  const step = { expectSeq: seq, nextSeq: seq + 1, attempt: random(8), idleTtl: 14 * DAY, healedIdleEnd: null };
  const { advanced } = await repository.advance({ sub, sid, secretHash, generation: 0, ...step });
  if (!advanced) throw new Error('a rotation was refused');
  session.seq += 1;
}

/** Of one session, and of each of three of a user; without device text. */
export async function sessionBytes() {
  const { redis, repository } = await startStore();
  const counts = { 'one per user': await bytesPerSession(redis, repository, 1) };
  counts['three per user'] = await bytesPerSession(redis, repository, 3);
  await redis.stop();
  return counts;
}

async function bytesPerSession(redis, repository, each, device) {
  await redis.client.flushall();
  // Connection buffers grow once; they are not the sessions'.
  await open(repository, AT_ONCE, each, device);
  await redis.client.flushall();
  const before = await redis.usedMemory();
  await open(repository, SUBJECTS, each, device);
  return ((await redis.usedMemory()) - before) / SUBJECTS / each;
}

async function reportMemory() {
  const { redis, repository } = await startStore();
  const bytes = (each, device) => bytesPerSession(redis, repository, each, device);
  const rows = [];
  const add = (sessions, size, goal) => rows.push({ sessions, 'bytes per session': whole(size), goal });
  const only = await bytes(1);
  add('one per user', only, '220');
  add('three per user', await bytes(3), '130');
  add('one per user, browser and address', await bytes(1, DEVICE), `${whole(only)} + 150`);
  add('three per user, browser and address', await bytes(3, DEVICE), '');
  add('grown by 1,000 rotations', await growth(redis, repository, 1_000), '0');
  printTable('Store: Redis memory, index and key tables included', rows);
  await redis.stop();
}

/** Bytes that one session has grown by. */
async function growth({ client }, repository, rotations) {
  await client.flushall();
  const [session] = await open(repository, 1, 1, DEVICE);
  const [key] = await client.keys('*');
  const before = await client.memory('USAGE', key);
  for (let turn = 0; turn < rotations; turn++) await rotate(repository, session);
  return (await client.memory('USAGE', key)) - before;
}

async function reportCost(sizes, { rounds, milliseconds }) {
  const variants = await Promise.all(
    sizes.map(async (size) => {
      const { redis, repository } = await startStore();
      return { size, redis, repository, sessions: await open(repository, size) };
    }),
  );
  const measure = async ({ redis, repository, sessions }) => {
    let rotations = 0;
    const before = await redis.cpu();
    const node = process.cpuUsage();
    const started = performance.now();
    while (performance.now() < started + milliseconds) {
      // Each session once at most: two rotations of one at a time would race.
      const chosen = new Set(
        Array.from({ length: AT_ONCE }, () => sessions[Math.floor(Math.random() * sessions.length)]),
      );
      await Promise.all([...chosen].map((session) => rotate(repository, session)));
      rotations += chosen.size;
    }
    const { user, system } = process.cpuUsage(node);
    return { redis: ((await redis.cpu()) - before) / rotations, node: (user + system) / rotations };
  };
  for (const variant of variants) await measure(variant);
  const samples = await interleave(variants, rounds, measure);
  const [reference] = samples.values();
  const rows = [...samples].map(([{ size }, own]) => ({
    sessions: whole(size),
    'Redis CPU µs': least(own, 'redis').toFixed(2),
    'min–max': spread(own, 'redis'),
    'to the first': (least(own, 'redis') / least(reference, 'redis')).toFixed(3),
    'client CPU µs': least(own, 'node').toFixed(1),
  }));
  printTable('Store: cost of a rotation by number of sessions', rows);
  for (const { redis } of variants) await redis.stop();
}
