import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../redis.mjs';
import { openScene } from './scene.mjs';

const FIVE_MINUTES = 300_000;

async function twoClocks(row) {
  const { own, size } = row;
  const redis = own(await startRedis());
  const scene = await openScene(row, { url: redis.url }, { members: 1 });
  const behind = await scene.start({ clockShift: -FIVE_MINUTES });
  const doors = [...scene.doors, behind.door];
  const load = scene.load(doors);
  await sleep(size);
  await load.stop();
  // Each takes the access tokens of the other; to a clock that is behind they come from the future.
  const misses = [];
  for (const { accessToken } of scene.clients) {
    for (const door of doors) {
      const { status, code } = await door.guarded(accessToken);
      if (status !== 200) misses.push(`a guarded route answered ${status} ${code}`);
    }
  }
  await scene.audit(doors);
  return { misses };
}

/** A clock is set while the process works: what it does goes by the store's time all the same. */
async function clockJumps(row) {
  const { own, chance, size } = row;
  const redis = own(await startRedis());
  const scene = await openScene(row, { url: redis.url }, { config: { clockShift: 0 } });
  const load = scene.load();
  const until = performance.now() + size;
  while (performance.now() < until) {
    await chance.of(scene.members).ask('shiftClock', { by: chance.of([-FIVE_MINUTES, 0, FIVE_MINUTES]) });
    await sleep(chance.between(100, 1_000));
  }
  await load.stop();
  await scene.audit();
  return {};
}

export const clocks = [
  {
    name: 'clocks of two instances 5 minutes apart',
    sizes: { full: 8_000, short: 1_000, service: 8_000 },
    limit: 60_000,
    run: twoClocks,
  },
  {
    name: 'a clock jumps by 5 minutes, to and fro',
    sizes: { full: 15_000, short: 0, service: 15_000 },
    limit: 60_000,
    run: clockJumps,
  },
];
