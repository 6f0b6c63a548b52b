import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../redis.mjs';
import { startSentinels } from '../sentinels.mjs';
import { LONGEST, openScene } from './scene.mjs';

/** Milliseconds in which a replica on the same machine has what its master has. */
export const REPLICATES_WITHIN = 2_000;

/**
 * The master fails, a replica takes its place, and the service finds it without a restart.
 * @param fail what happens to the master; gives what happens to it afterwards
 */
const failover = (fail) => async (row) => {
  const { own, tally, chance, size } = row;
  let back = 0;
  for (let i = 0; i < size; i += 1) {
    const { master, replicas, store } = await startSentinels(own);
    const scene = await openScene(row, store, { rollbacks: true });
    const load = scene.load();
    await sleep(chance.between(500, 1_500));
    const failed = performance.now();
    const over = tally.history.losesWrites({ since: tally.history.clock() - REPLICATES_WITHIN });
    const afterwards = await fail(master);
    back = Math.max(back, await load.backSince(failed));
    // The old master, if it still lives, takes late writes until a Sentinel turns it into a replica.
    await afterwards();
    await sleep(2_000);
    await load.stop();
    over();
    const roles = await Promise.all(replicas.map(async ({ client }) => (await client.role())[0]));
    if (!roles.includes('master')) tally.count('odd', `no replica took over: ${roles.join(', ')}`);
    await scene.audit();
    tally.auditing = false;
  }
  return { back, note: `${size} times` };
};

const kill = async (master) => {
  await master.kill();
  return async () => undefined;
};

const hang = async (master) => {
  master.hang();
  return async () => {
    master.resume();
    await until('the old master a replica', async () => (await master.client.role())[0] === 'slave', 20_000);
  };
};

export const sentinel = [
  {
    name: 'Sentinel: master killed',
    sizes: { full: 3, short: 0, service: 1 },
    limit: 180_000,
    longest: LONGEST,
    back: 5_000,
    run: failover(kill),
  },
  {
    name: 'Sentinel: master hung, resumed later',
    sizes: { full: 3, short: 0, service: 1 },
    limit: 180_000,
    longest: LONGEST,
    back: 6_000,
    run: failover(hang),
  },
];
