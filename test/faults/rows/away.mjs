import { setTimeout as sleep } from 'node:timers/promises';
import { audit, keepRefreshing } from '../client.mjs';
import { startRedis } from '../redis.mjs';
import { LONGEST, openScene } from './scene.mjs';

const BACK = 2_000;
const EVERY_WRITE_IN_A_SECOND = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];

/**
 * Clients at work, the server killed and started again after a while.
 * @param before what happens before it is killed; gives what is told once it is back
 */
async function killAndRestart(redis, scene, { size, chance, before = async () => () => undefined }) {
  const load = scene.load();
  let back = 0;
  for (let i = 0; i < size; i += 1) {
    await sleep(chance.between(400, 900));
    const isBack = await before();
    await redis.kill();
    await sleep(chance.between(300, 1_500));
    await redis.start();
    isBack();
    back = Math.max(back, await load.backSince(performance.now()));
  }
  await load.stop();
  return back;
}

async function withItsData(row) {
  const redis = row.own(await startRedis({ args: EVERY_WRITE_IN_A_SECOND }));
  const scene = await openScene(row, { url: redis.url }, { rollbacks: true });
  const back = await killAndRestart(redis, scene, row);
  await scene.audit();
  return { back, note: `${row.size} times` };
}

/** What Redis has forgotten is over: each client is told so once, and a new login works at once. */
async function empty(row) {
  const { own, tally } = row;
  const redis = own(await startRedis());
  const scene = await openScene(row, { url: redis.url });
  const losesAll = async () => tally.history.losesAll();
  const back = await killAndRestart(redis, scene, { ...row, size: 1, before: losesAll });
  const misses = scene.clients.filter(({ over }) => over !== 'session_ended').map(({ over }) => `ended as ${over}`);
  scene.clients.splice(0, Infinity, ...(await scene.login(24)));
  const logins = tally.lost;
  await scene.audit();
  return { back, misses, expectedLost: logins, note: 'session_ended, never a 500' };
}

/** The dump is older than the last rotations: whoever is ahead of it stays logged in, and nobody is taken for a thief. */
async function withAnOlderDump(row) {
  const { own, tally, chance, size } = row;
  const redis = own(await startRedis());
  const scene = await openScene(row, { url: redis.url }, { rollbacks: true });
  const goOn = async () => {
    const since = tally.history.clock();
    await redis.client.save();
    await sleep(chance.between(800, 2_000));
    return tally.history.losesWrites({ since });
  };
  const back = await killAndRestart(redis, scene, { ...row, before: goOn });
  await scene.audit();
  const seen = tally.rollbacks;
  // Each client has rotated several times since each dump.
  const misses = seen >= scene.clients.length ? [] : [`only ${seen} times store.rollback_detected`];
  return { back, misses, note: `${size} times, store.rollback_detected ${seen} times` };
}

/** The service is there first, and Redis later. */
async function absentAtStart(row) {
  const { own, tally, chance } = row;
  const redis = own(await startRedis());
  const { clients, start, stopMembers } = await openScene(row, { url: redis.url });
  await redis.client.save();
  await Promise.all([stopMembers(), redis.kill()]);

  const members = await Promise.all([1, 2].map(() => start({ beforeStore: true })));
  const doors = members.map(({ door }) => door);
  const load = own(keepRefreshing({ clients, doors }));
  await sleep(chance.between(1_000, 2_000));
  const refused = tally.answersWith(503);
  await redis.start();
  const back = await load.backSince(performance.now());
  await load.stop();
  await audit(clients, doors, row);
  return { back, misses: refused > 0 ? [] : ['no 503 was seen'] };
}

const rowOf = (name, sizes, run) => ({
  name,
  sizes,
  limit: 90_000,
  longest: LONGEST,
  back: BACK,
  run,
});

export const away = [
  rowOf('Redis killed, back with its data', { full: 5, short: 0, service: 2 }, withItsData),
  rowOf('Redis killed, back empty', { full: 1, short: 1, service: 1 }, empty),
  rowOf('Redis killed, back with an older dump', { full: 5, short: 1, service: 2 }, withAnOlderDump),
  rowOf('Redis absent at start, there later', { full: 1, short: 0, service: 1 }, absentAtStart),
];
