import { setTimeout as sleep } from 'node:timers/promises';
import { audit, keepRefreshing } from '../client.mjs';
import { httpDoor } from '../doors.mjs';
import { startRedis } from '../redis.mjs';
import { openScene } from './scene.mjs';

const MEMBERS = 4;
const STOPPED_FOR = 5_000;
const ENDS_WITHIN = 10_000;
/** After it the client hangs up on a process that is stopped, and tries another one. */
const HANGS_UP_AFTER = 1_000;
/**
 * A process that ends closes its connections, so a client needs not hang up. One that did would have its old request
 * answered late on a busy machine, when the client has refreshed twice by another process: that is reuse, by the rule.
 */
const WAITS_FOR = 15_000;

/**
 * One of four processes fails under load, and another is started in its place.
 * @param fail what happens to it; gives what was amiss
 */
const oneFails =
  ({ fail, clients: count = 32, pace, patience = WAITS_FOR }) =>
  async (row) => {
    const { own, tally, chance, size } = row;
    const redis = own(await startRedis());
    const scene = await openScene(row, { url: redis.url }, { members: MEMBERS, clients: count });
    const { members, clients } = scene;
    const doorOf = ({ url, door: { at } }) => httpDoor(url, { tally, at, patience });
    const doors = members.map(doorOf);
    const load = own(keepRefreshing({ clients, doors, pace }));
    const misses = [];
    for (let i = 0; i < size; i += 1) {
      await sleep(chance.between(300, 1_000));
      const index = chance.between(0, MEMBERS - 1);
      misses.push(...(await fail(members[index], row)));
      if (await Promise.race([members[index].exit, sleep(0)])) {
        members[index] = await scene.start();
        doors[index].close();
        doors[index] = doorOf(members[index]);
      }
    }
    await load.stop();
    await audit(clients, doors, row);
    return { misses, note: `${size} times` };
  };

async function kill({ signal, exit }) {
  signal('SIGKILL');
  await exit;
  return [];
}

async function stopForAWhile({ signal }) {
  signal('SIGSTOP');
  await sleep(STOPPED_FOR);
  signal('SIGCONT');
  // Now it answers whom it kept waiting; they have long gone elsewhere.
  await sleep(1_000);
  return [];
}

/** An orchestrator takes the process out of its list first, then ends it; what it has begun, it must finish. */
async function terminate({ signal, exit }) {
  const asked = performance.now();
  signal('SIGTERM');
  const { code } = await Promise.race([exit, sleep(ENDS_WITHIN, { code: 'nothing' }, { ref: false })]);
  const took = performance.now() - asked;
  return code === 0 && took <= ENDS_WITHIN ? [] : [`SIGTERM: exit code ${code} after ${Math.round(took)} ms`];
}

/**
 * A stopped process answers late, and what it answers must not be older than grace, nor its token two steps old: no
 * client may refresh twice in that time. Real ones refresh every half an hour.
 */
const UNHURRIED = [STOPPED_FOR + 1_000, STOPPED_FOR + 3_000];

export const processes = [
  {
    name: 'one of four processes killed',
    sizes: { full: 10, short: 0, service: 5 },
    limit: 120_000,
    run: oneFails({ fail: kill }),
  },
  {
    name: 'one of four processes stopped for 5 s',
    sizes: { full: 5, short: 0, service: 2 },
    limit: 120_000,
    run: oneFails({ fail: stopForAWhile, clients: 100, pace: UNHURRIED, patience: HANGS_UP_AFTER }),
  },
  {
    name: 'one of four processes ended by SIGTERM: exit code 0',
    sizes: { full: 10, short: 0, service: 5 },
    limit: 120_000,
    run: oneFails({ fail: terminate }),
  },
];
