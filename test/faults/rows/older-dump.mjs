import { answered } from '../client.mjs';
import { httpDoor } from '../doors.mjs';
import { startFleet } from '../fleet.mjs';
import { makeKeys, openInstance } from '../instance.mjs';
import { startRedis, until } from '../redis.mjs';
import { isStored } from '../time.mjs';
import { COMMAND_TIMEOUT } from './scene.mjs';

const REFUSED_WITHIN = 5_000;

/** Either host: `start()` gives an instance with a door that can `login`, `change` a password and `logout`. */
const HOSTS = {
  small: async ({ own, tally }, config) => {
    const generations = new Map();
    const loadSubject = async (sub) => ({ claims: {}, generation: generations.get(sub) ?? 0 });
    const running = new Set();
    const stopAll = async () => {
      await Promise.all([...running].map((member) => member.stop()));
      running.clear();
    };
    own({ stop: stopAll });
    const start = async () => {
      const instance = await openInstance({ ...config, options: { loadSubject }, listen: true });
      instance.events.listen((event) => tally.hear(event));
      const door = httpDoor(instance.url, { tally });
      const end = async (session, ending) => {
        const ended = tally.history.end(session.sub, session.sessionId);
        await ending();
        ended(true);
      };
      const member = {
        door,
        login: async (sub) => ({ sub, ...(await instance.login(sub)) }),
        change: (session) => {
          generations.set(session.sub, Date.now());
          return end(session, () => instance.sessions.revokeAll(session.sub, generations.get(session.sub)));
        },
        logout: (session) => end(session, () => instance.sessions.revoke(session.sub, session.sessionId)),
        stop: async () => {
          door.close();
          await instance.stop();
        },
      };
      running.add(member);
      return member;
    };
    return { start, stopAll };
  },
  service: async (row, config) => {
    const fleet = row.own(await startFleet(0, config, row));
    const start = async () => {
      const { door, ask } = await fleet.start();
      const member = {
        door,
        login: async (name) => (await ask('login', { subs: [name] }))[0],
        change: ({ sub }) => ask('changePassword', { sub }),
        logout: ({ sub, sessionId }) => ask('revoke', { sub, sid: sessionId }),
      };
      return member;
    };
    return { start, stopAll: fleet.stopMembers };
  },
};

/**
 * The dump is older than password changes and logouts: their sessions are in it. Every second time all instances are
 * new as well, and nobody remembers.
 */
async function comesBack(row) {
  const { own, tally, chance, size, host } = row;
  const redis = own(await startRedis());
  const store = { url: redis.url, commandTimeout: `${COMMAND_TIMEOUT}ms` };
  const { start, stopAll } = await HOSTS[host](row, { store, keys: await makeKeys() });
  const startTwo = async () => [await start(), await start()];
  let instances = await startTwo();
  const misses = [];
  const undone = new Set();

  for (let i = 0; i < size; i += 1) {
    const people = [];
    for (let one = 0; one < 40; one += 1) people.push(await chance.of(instances).login(chance.text()));
    const [changed, loggedOut, untouched] = [people.slice(0, 20), people.slice(20, 30), people.slice(30)];
    for (const { refreshToken } of people) tally.history.opened(refreshToken);
    const since = tally.history.clock();
    await redis.client.save();
    for (const session of changed) await chance.of(instances).change(session);
    for (const session of loggedOut) await chance.of(instances).logout(session);

    const remembered = i % 2 === 0;
    if (!remembered) await stopAll();
    // Generations are durable, whoever remembers; what is said here holds for the logouts.
    const over = tally.history.losesWrites({ since, remembered });
    await redis.kill();
    await redis.start();
    over();
    if (!(await isStored(redis.client, changed[0]))) misses.push('the dump was not older: the session is not in it');
    if (!remembered) instances = await startTwo();

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
        await until('refused', refused, REFUSED_WITHIN).catch(() => tally.count('unsafe', 'an access token lives'));
      }
    }
    for (const { refreshToken } of untouched) {
      const { status } = await answered(() => chance.of(instances).door.refresh(refreshToken));
      if (status !== 200) tally.count('lost', `whom nobody logged out: ${status}`);
    }
  }
  const note = `${size} times; ${undone.size} logouts without a generation undone, which nobody remembered, as expected`;
  return { misses, note };
}

export const olderDump = {
  name: 'an older dump, generations that rose since',
  sizes: { full: 6, short: 0, service: 2 },
  limit: 120_000,
  run: comesBack,
};
