import { audit } from '../client.mjs';
import { httpDoor } from '../doors.mjs';
import { startProxy } from '../proxy.mjs';
import { startRedis } from '../redis.mjs';
import { HOUR, letPass } from '../time.mjs';
import { openScene } from './scene.mjs';

const LANES = 8;
const CLIENTS_PER_LANE = 4;

/** The service answers over real HTTP, and the answer does not arrive; `meanwhile` passes before the client tries again. */
const loseAnswers =
  ({ withKey, meanwhile = async () => undefined }) =>
  async (row) => {
    const { own, tally, chance, size } = row;
    const redis = own(await startRedis());
    const scene = await openScene(row, { url: redis.url }, { clients: 0 });
    const lanes = await Promise.all(
      Array.from({ length: LANES }, async (_, index) => {
        const proxy = own(await startProxy(Number(new URL(scene.members[index % 2].url).port)));
        const luck = chance.stream(`lane ${index}`);
        const clients = await scene.login(CLIENTS_PER_LANE, { chance: luck, withKey });
        const { at } = scene.doors[index % 2];
        return { proxy, luck, clients, door: httpDoor(`http://127.0.0.1:${proxy.port}`, { tally, at }) };
      }),
    );
    await Promise.all(
      lanes.map(async ({ proxy, luck, clients, door }) => {
        for (let i = 0; i < size && proxy.cuts < size / LANES; i += 1) {
          const client = luck.of(clients);
          if (client.over) return;
          proxy.cutNext('after', 'POST /auth/refresh');
          const { status } = await client.ask(door);
          if (status === 0) await meanwhile(redis, client);
          await client.refresh(() => luck.of([door, ...scene.doors]));
        }
      }),
    );
    const cuts = lanes.reduce((sum, { proxy }) => sum + proxy.cuts, 0);
    for (const { door, clients } of lanes) {
      door.close();
      await audit(clients, scene.doors, row);
    }
    return { note: `${cuts} answers`, misses: cuts >= size ? [] : [`only ${cuts} answers were lost`] };
  };

const anHour = ({ client }, session) => letPass(client, session, HOUR);

/** The price that is told: without the key a late retry cannot be told from a thief's. */
async function withoutTheKey(row) {
  const { own, tally, size, chance } = row;
  const redis = own(await startRedis());
  const scene = await openScene(row, { url: redis.url }, { clients: size });
  tally.auditing = true;
  for (const client of scene.clients) {
    const token = client.token;
    await client.ask(chance.of(scene.doors));
    await anHour(redis, client);
    Object.assign(client, { token });
    await client.ask(chance.of(scene.doors));
  }
  const codes = new Set(scene.clients.map(({ over }) => over));
  return {
    expectedLost: size,
    misses: codes.size === 1 && codes.has('token_reused') ? [] : [`ended as ${[...codes].join(', ')}`],
  };
}

export const answers = [
  {
    name: 'HTTP answer lost, retried within grace',
    sizes: { full: 5_000, short: 80, service: 1_000 },
    limit: 300_000,
    run: loseAnswers({ withKey: false }),
  },
  {
    name: 'HTTP answer lost, retried an hour later with its Idempotency-Key',
    sizes: { full: 2_000, short: 40, service: 500 },
    limit: 300_000,
    run: loseAnswers({ withKey: true, meanwhile: anHour }),
  },
  {
    name: 'the same without a key: taken for theft',
    sizes: { full: 100, short: 0, service: 20 },
    limit: 60_000,
    run: withoutTheKey,
  },
];
