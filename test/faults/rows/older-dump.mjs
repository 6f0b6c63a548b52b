import { answered } from '../client.mjs';
import { httpDoor } from '../doors.mjs';
import { makeKeys, openInstance } from '../instance.mjs';
import { startRedis, until } from '../redis.mjs';
import { COMMAND_TIMEOUT } from './scene.mjs';

const HEARD_WITHIN = 5_000;

/**
 * The dump is older than password changes and logouts: their sessions are in it. Every second time all instances are
 * new as well, and nobody remembers.
 */
async function comesBack({ own, tally, chance, size }) {
  const redis = own(await startRedis());
  const keys = await makeKeys();
  const generations = new Map();
  const loadSubject = async (sub) => ({ claims: {}, generation: generations.get(sub) ?? 0 });
  const store = { url: redis.url, commandTimeout: `${COMMAND_TIMEOUT}ms` };
  const running = new Set();
  own({ stop: () => stopAll(running) });
  const start = async () => {
    const instance = await openInstance({ store, keys, options: { loadSubject }, listen: true });
    instance.events.listen((event) => tally.hear(event));
    running.add(Object.assign(instance, { door: httpDoor(instance.url) }));
    return instance;
  };
  let instances = [await start(), await start()];
  const misses = [];
  const undone = new Set();

  for (let i = 0; i < size; i += 1) {
    const login = async () => {
      const sub = chance.text();
      return { sub, ...(await chance.of(instances).login(sub)) };
    };
    const people = await Promise.all(Array.from({ length: 40 }, login));
    const [changed, loggedOut, untouched] = [people.slice(0, 20), people.slice(20, 30), people.slice(30)];
    await redis.client.save();
    for (const { sub } of changed) {
      generations.set(sub, Date.now());
      await chance.of(instances).sessions.revokeAll(sub, generations.get(sub));
    }
    for (const { sub, sessionId } of loggedOut) await chance.of(instances).sessions.revoke(sub, sessionId);

    const remembered = i % 2 === 0;
    if (!remembered) await stopAll(running);
    await redis.kill();
    await redis.start();
    if (!remembered) instances = [await start(), await start()];
    await until('served again', async () => (await instances[0].repository.time()) > 0);
    const { record } = await instances[0].repository.find(changed[0].sub, changed[0].sessionId);
    if (!record) misses.push('the dump was not older: the session is not in it');

    for (const { door } of instances) {
      const statusOf = async ({ refreshToken }) => {
        const answer = await answered(() => door.refresh(refreshToken));
        tally.note(answer);
        return answer.status;
      };
      for (const session of changed) {
        if ((await statusOf(session)) !== 401) tally.count('unsafe', 'refreshed, though its generation rose');
      }
      for (const session of loggedOut) {
        const status = await statusOf(session);
        if (remembered && status !== 401) tally.count('unsafe', 'refreshed, though an instance remembers its end');
        if (!remembered && status === 200) undone.add(session.sessionId);
      }
      // An access token asks no store: what the living remember they have told each other again.
      const dead = remembered ? [...changed, ...loggedOut] : [];
      for (const { accessToken } of dead) {
        const refused = async () => (await door.guarded(accessToken)).status === 401;
        await until('refused', refused, HEARD_WITHIN).catch(() => tally.count('unsafe', 'an access token lives'));
      }
    }
    for (const { refreshToken } of untouched) {
      const { status } = await answered(() => chance.of(instances).door.refresh(refreshToken));
      if (status !== 200) tally.count('lost', `whom nobody logged out: ${status}`);
    }
  }
  const note = `${size} times; ${undone.size} logouts without a generation undone, which nobody remembered, as told`;
  return { misses, note };
}

async function stopAll(running) {
  for (const instance of running) {
    running.delete(instance);
    instance.door.close();
    await instance.stop();
  }
}

export const olderDump = {
  name: 'an older dump, generations that rose since',
  sizes: { full: 6, short: 0 },
  limit: 120_000,
  run: comesBack,
};
