import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { answered } from '../client.mjs';
import { freePort, startRedis, until } from '../redis.mjs';
import { LONGEST, openScene } from './scene.mjs';

const BACK = 2_000;
const NO_PERSISTENCE = ['--save', '', '--appendonly', 'no'];

/**
 * Redis is there and says no. Each client gets 503 and keeps its session; nobody gets a 401 or a 500.
 * @param begin makes Redis refuse, and gives what ends that
 * @param prepare looks on while all is well, and gives a check for the time of the fault
 */
const refusing =
  ({ begin, args = [], prepare = async () => async () => [] }) =>
  async (row) => {
    const { own, tally, chance, size } = row;
    const redis = own(await startRedis({ args: [...NO_PERSISTENCE, ...args] }));
    const scene = await openScene(row, { url: redis.url });
    const load = scene.load();
    const misses = [];
    let back = 0;
    for (let i = 0; i < size; i += 1) {
      const check = await prepare(scene, tally);
      await sleep(chance.between(300, 600));
      const refusedBefore = tally.answersWith(503);
      const heal = await begin(redis);
      await sleep(chance.between(800, 1_500));
      misses.push(...(await check()));
      if (tally.answersWith(503) === refusedBefore) misses.push('no 503 was seen');
      await heal();
      back = Math.max(back, await load.backSince(performance.now()));
    }
    await load.stop();
    await scene.audit();
    return { back, misses, note: `${size} times` };
  };

/** Ending sessions is what matters most when something is wrong. */
async function logoutStillWorks({ login, members, doors }, tally) {
  const [one, other] = await login(2);
  return async () => {
    const { status } = await answered(() => doors[0].logout(one.token));
    const all = await members[0].ask('revokeAll', { sub: other.sub }).catch(({ message }) => message);
    for (const { token } of [one, other]) {
      const after = await answered(() => doors[1].refresh(token));
      if (after.status !== 401) tally.count('unsafe', `after a logout: ${after.status}`);
    }
    return status === 204 && all === null ? [] : [`logout answered ${status}, logout-all ${all}`];
  };
}

const outOfMemory = async ({ client }) => {
  await client.config('SET', 'maxmemory', '1');
  return () => client.config('SET', 'maxmemory', '0');
};

const readOnly = async ({ client }) => {
  await client.replicaof('127.0.0.1', String(await freePort()));
  return () => client.replicaof('NO', 'ONE');
};

/** Its folder is gone, so it cannot save, and says so to every write. */
const cannotSave = async ({ client, folder }) => {
  rmSync(folder, { recursive: true, force: true });
  await client.config('SET', 'stop-writes-on-bgsave-error', 'yes', 'save', '3600 1');
  await client.bgsave();
  await until('a failed save', async () => (await client.info('persistence')).includes('rdb_last_bgsave_status:err'));
  return () => client.config('SET', 'stop-writes-on-bgsave-error', 'no', 'save', '');
};

const tooFewReplicas = async ({ client }) => {
  await client.config('SET', 'min-replicas-to-write', '1');
  return () => client.config('SET', 'min-replicas-to-write', '0');
};

const loading = async (redis) => {
  for (let i = 0; i < 300; i += 1) await redis.client.set(`filler:${i}`, 'x'.repeat(2_000));
  await redis.client.config('SET', 'rdbcompression', 'no');
  await redis.client.save();
  await redis.kill();
  const slowly = ['--key-load-delay', '5000', '--loading-process-events-interval-bytes', '4096'];
  await redis.start({ args: slowly, waitUntilLoaded: false });
  return () => until('loaded', async () => (await redis.client.ping()) === 'PONG');
};

const busy = async ({ url, client }) => {
  const other = new Redis(url, { retryStrategy: null });
  other.eval('while true do end', 0).catch(() => other.disconnect());
  return () => client.script('KILL');
};

const unauthenticated = async ({ client }) => {
  await client.config('SET', 'requirepass', 'another');
  await client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  return () => client.config('SET', 'requirepass', '');
};

const forbidden = async ({ client }) => {
  await client.call('ACL', 'SETUSER', 'default', '-@scripting');
  return () => client.call('ACL', 'SETUSER', 'default', '+@all');
};

const tooManyClients = async ({ client }) => {
  await client.config('SET', 'maxclients', '1');
  await client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  return () => client.config('SET', 'maxclients', '1000');
};

const rowOf = (name, options, short = 0) => ({
  name,
  sizes: { full: 3, short, service: 1 },
  limit: 60_000,
  longest: LONGEST,
  back: BACK,
  run: refusing(options),
});

export const refusals = [
  rowOf('out of memory (OOM); logout and logout-all work', { begin: outOfMemory, prepare: logoutStillWorks }, 1),
  rowOf('read-only (READONLY)', { begin: readOnly }),
  rowOf('cannot save (MISCONF)', { begin: cannotSave }),
  rowOf('too few replicas (NOREPLICAS)', { begin: tooFewReplicas }),
  rowOf('loading its data (LOADING)', { begin: loading }),
  rowOf('busy with a script of someone else (BUSY)', { begin: busy, args: ['--busy-reply-threshold', '50'] }),
  rowOf('password changed (NOAUTH)', { begin: unauthenticated }),
  rowOf('rights taken away (NOPERM)', { begin: forbidden }),
  rowOf('too many clients', { begin: tooManyClients }),
];
