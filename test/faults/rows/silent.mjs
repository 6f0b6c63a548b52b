import { setTimeout as sleep } from 'node:timers/promises';
import { startProxy } from '../proxy.mjs';
import { startRedis } from '../redis.mjs';
import { LONGEST, openScene } from './scene.mjs';

const BACK = 2_000;
/** A guarded route asks no store; the machine may be busy with what it does for the others. */
const LONGEST_GUARDED = 250;

/**
 * Redis goes silent for a while, again and again, under a load of refreshes and of guarded requests.
 * @param begin does it, for `duration` milliseconds, and gives what ends it
 */
const silence =
  ({ begin, lasting = [1_500, 3_000], refusals = true }) =>
  async (row) => {
    const { own, tally, chance, size, short } = row;
    const redis = own(await startRedis());
    const proxy = own(await startProxy(redis.port));
    const scene = await openScene(row, { url: `redis://127.0.0.1:${proxy.port}` });
    const load = scene.load();
    const guarded = own(visitGuarded(scene));
    let back = 0;
    for (let i = 0; i < size; i += 1) {
      await sleep(chance.between(300, 900));
      const duration = chance.between(...lasting);
      const heal = await begin({ redis, proxy, chance, duration });
      await sleep(duration);
      await heal();
      back = Math.max(back, await load.backSince(performance.now()));
    }
    await load.stop();
    const { longest, wrong } = await guarded.stop();
    await scene.audit();
    const misses = wrong.length === 0 ? [] : [`a guarded route answered ${wrong.join(', ')}`];
    if (!short && longest > LONGEST_GUARDED) misses.push(`a guarded route took ${Math.round(longest)} ms`);
    if (refusals && tally.answersWith(503) === 0) misses.push('no 503 was seen');
    return { back, misses, note: `${size} times; guarded routes ≤ ${Math.round(longest)} ms` };
  };

function visitGuarded({ clients, doors }) {
  const end = new AbortController();
  let longest = 0;
  const wrong = [];
  const loop = (async () => {
    for (let i = 0; i < 100_000 && !end.signal.aborted; i += 1) {
      const { accessToken } = clients[i % clients.length];
      if (accessToken) {
        const { status, took } = await doors[i % doors.length].guarded(accessToken);
        longest = Math.max(longest, took);
        if (status !== 200) wrong.push(status);
      }
      await sleep(10);
    }
  })();
  const stop = async () => {
    end.abort();
    await loop;
    return { longest, wrong };
  };
  return { stop };
}

async function hang({ redis }) {
  redis.hang();
  return () => redis.resume();
}

/** Ends by itself: CLIENT UNPAUSE would have to wait as well. */
async function pause({ redis, duration }) {
  await redis.client.call('CLIENT', 'PAUSE', String(duration), 'ALL');
  return () => redis.client.ping();
}

async function blackHole({ proxy }) {
  proxy.swallow();
  return () => proxy.heal();
}

/** Within the time a command has: nobody is refused. */
async function slowAnswers({ proxy, chance }) {
  proxy.delayBack = () => chance.between(20, 250);
  return () => {
    proxy.delayBack = () => 0;
  };
}

/** Scripts arrive long after their caller was told 503, and run all the same. */
async function lateWrites({ proxy, chance }) {
  proxy.delayThere = () => (chance.happens(0.3) ? chance.between(600, 1_800) : 0);
  return () => {
    proxy.delayThere = () => 0;
  };
}

const rowOf = (name, options, short = 0) => ({
  name,
  sizes: { full: 5, short },
  limit: 120_000,
  longest: LONGEST,
  back: BACK,
  run: silence(options),
});

export const silent = [
  rowOf('Redis hung (SIGSTOP)', { begin: hang }, 1),
  rowOf('Redis paused (CLIENT PAUSE)', { begin: pause }),
  rowOf('network a black hole, delivers later', { begin: blackHole }),
  rowOf('Redis slow, answers after 20 to 250 ms', { begin: slowAnswers, refusals: false }),
  rowOf('commands delayed to after their 503, and run', { begin: lateWrites }, 1),
];
