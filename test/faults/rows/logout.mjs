import { setTimeout as sleep } from 'node:timers/promises';
import { answered } from '../client.mjs';
import { directDoor } from '../doors.mjs';
import { startFleet } from '../fleet.mjs';
import { makeKeys, openInstance } from '../instance.mjs';
import { startRedis, until } from '../redis.mjs';

/** How a small host ends a session, as the service does it: what is durable first, then the removal. */
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

/** What the service is asked for the same. */
const ASKS = { logout: 'revoke', 'logout-all': 'revokeAll', 'password change': 'changePassword', disable: 'disable' };

/** Two instances of either host: `login(name)`, their `doors`, and `end(luck, session)` at one of them. */
const HOSTS = {
  small: async ({ own, tally }, ending, store) => {
    const keys = await makeKeys();
    const users = new Map();
    const loadSubject = async (sub) => (users.has(sub) ? users.get(sub) : { claims: {}, generation: 0 });
    const asksHost = ending === 'password change' || ending === 'disable';
    const config = { store, keys, options: asksHost ? { loadSubject } : {} };
    const instances = await Promise.all([0, 1].map(async () => own(await openInstance(config))));
    for (const { events } of instances) events.listen((event) => tally.hear(event));
    return {
      doors: instances.map((instance) => directDoor(instance, { tally })),
      login: async (sub) => {
        const { refreshToken, sessionId: sid } = await instances[0].sessions.open({ sub, generation: 0 });
        return { sub, sid, refreshToken };
      },
      end: async (luck, session) => {
        const ended = tally.history.end(session.sub, session.sid);
        await ENDINGS[ending](luck.of(instances), session, users);
        ended(true);
      },
    };
  },
  service: async (row, ending, store) => {
    const fleet = row.own(await startFleet(2, { store, keys: await makeKeys() }, row));
    return {
      doors: fleet.doors,
      login: async (name) => {
        const [{ sub, sessionId: sid, refreshToken }] = await fleet.members[0].ask('login', { subs: [name] });
        return { sub, sid, refreshToken };
      },
      end: async (luck, { sub, sid }) => {
        const isDone = () =>
          luck
            .of(fleet.members)
            .ask(ASKS[ending], { sub, sid })
            .then(() => true);
        await until('an acknowledged end', isDone);
      },
    };
  },
};

const racingWith = (ending) => async (row) => {
  const { own, tally, chance, size, host } = row;
  const redis = own(await startRedis());
  const { doors, login, end } = await HOSTS[host](row, ending, { url: redis.url, commandTimeout: '2s' });
  const wins = { refresh: 0 };
  // Milliseconds that an ending takes, so that about as many refreshes come before it as after it.
  let usual = 10;

  async function race({ luck, session }) {
    const { refreshToken } = session;
    tally.history.opened(refreshToken);
    const late = (most) => (luck.happens(0.5) ? Promise.resolve() : sleep(luck.next() * most));
    const ended = late(2).then(async () => {
      const begun = performance.now();
      await end(luck, session);
      usual = 0.9 * usual + 0.1 * (performance.now() - begun);
    });
    const answers = await Promise.all(
      Array.from({ length: luck.between(1, 3) }, async () => {
        await late(2 * usual);
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

  const batch = host === 'service' ? 10 : 25;
  for (let done = 0; done < size; done += batch) {
    const lucks = Array.from({ length: Math.min(batch, size - done) }, (_, at) => chance.stream(`race ${done + at}`));
    const races = await Promise.all(lucks.map(async (luck) => ({ luck, session: await login(luck.text()) })));
    await Promise.all(races.map(race));
  }
  const share = Math.round((100 * wins.refresh) / size);
  return { note: `${size.toLocaleString('en')} races, the refresh first in ${share} %` };
};

const rowOf = (ending, full, short, service) => ({
  name: `refresh against ${ending}`,
  sizes: { full, short, service },
  limit: 300_000,
  run: racingWith(ending),
});

export const logout = [
  rowOf('logout', 20_000, 300, 400),
  rowOf('logout-all', 20_000, 100, 200),
  rowOf('password change', 20_000, 100, 200),
  rowOf('disable', 20_000, 100, 200),
];
