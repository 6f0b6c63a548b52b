import { setTimeout as sleep } from 'node:timers/promises';
import { answered, inBatches } from '../client.mjs';
import { directDoor } from '../doors.mjs';
import { makeKeys, openInstance } from '../instance.mjs';
import { startRedis } from '../redis.mjs';

/** How a session is ended, as the service does it: what is durable first, then the removal. */
const ENDINGS = {
  logout: ({ sessions }, { sub, sid }) => sessions.revoke(sub, sid),
  'logout-all': ({ sessions }, { sub }) => sessions.revokeAll(sub),
  'password change': ({ sessions }, { sub }, users) => {
    users.set(sub, { claims: {}, generation: 1 });
    return sessions.revokeAll(sub, 1);
  },
  disable: ({ sessions }, { sub }, users) => {
    users.set(sub, null);
    return sessions.revokeAll(sub, 1);
  },
};

const racingWith =
  (ending) =>
  async ({ own, tally, chance, size }) => {
    const redis = own(await startRedis());
    const keys = await makeKeys();
    const users = new Map();
    const loadSubject = async (sub) => (users.has(sub) ? users.get(sub) : { claims: {}, generation: 0 });
    const asksHost = ending === 'password change' || ending === 'disable';
    const options = asksHost ? { loadSubject } : {};
    const store = { url: redis.url, commandTimeout: '2s' };
    const instances = await Promise.all([0, 1].map(async () => own(await openInstance({ store, keys, options }))));
    for (const { events } of instances) events.listen((event) => tally.hear(event));
    const doors = instances.map(directDoor);
    const wins = { refresh: 0 };

    async function race(luck) {
      const sub = luck.text();
      const { refreshToken, sessionId: sid } = await instances[0].sessions.open({ sub, generation: 0 });
      const late = (most) => (luck.happens(0.5) ? Promise.resolve() : sleep(luck.next() * most));
      const ended = late(2).then(() => ENDINGS[ending](luck.of(instances), { sub, sid }, users));
      const answers = await Promise.all(
        Array.from({ length: luck.between(1, 3) }, async () => {
          await late(20);
          return luck.of(doors).refresh(refreshToken);
        }),
      );
      await ended;
      answers.forEach((answer) => tally.note(answer));
      const successors = new Set(answers.flatMap((answer) => answer.refreshToken ?? []));
      if (successors.size > 1) tally.count('forks', `${successors.size} successors`);
      if (successors.size > 0) wins.refresh += 1;
      for (const token of [refreshToken, ...successors]) {
        const { status } = await answered(() => luck.of(doors).refresh(token));
        if (status !== 401) tally.count('unsafe', `survived: ${status}`);
      }
    }

    const races = Array.from({ length: size }, (_, index) => chance.stream(`race ${index}`));
    await inBatches(races, 25, race);
    const share = Math.round((100 * wins.refresh) / size);
    return { note: `${size.toLocaleString('en')} races, the refresh first in ${share} %` };
  };

const rowOf = (ending, full, short) => ({
  name: `refresh against ${ending}`,
  sizes: { full, short },
  limit: 300_000,
  run: racingWith(ending),
});

export const logout = [
  rowOf('logout', 20_000, 300),
  rowOf('logout-all', 20_000, 100),
  rowOf('password change', 20_000, 100),
  rowOf('disable', 20_000, 100),
];
