import { Redis } from 'ioredis';
import type { RedisServer } from '../support/redis-server.js';
import { startRedis } from '../support/redis-server.js';
import type { Step } from './differential/history.js';
import { randomHistory } from './differential/history.js';
import { shortest } from './differential/shortest.js';
import { TwoStores } from './differential/two-stores.js';

/** Random histories on the in-memory store and on Redis at once: each answer and all that can be seen must be equal. */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const STEPS = Number(process.env.STEPS ?? 3_000);
const STEPS_OF_A_HISTORY = 80;

jest.setTimeout(300_000 + STEPS * 20);

describe('the in-memory store and Redis keep one contract', () => {
  let server: RedisServer;
  let client: Redis;
  let stores: TwoStores;

  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.url);
    stores = new TwoStores(client);
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  async function expectSame(seed: number): Promise<void> {
    const history = randomHistory(seed, STEPS_OF_A_HISTORY);
    const found = await stores.run(seed, history);
    if (!found) return;
    const steps = await shortest(history.slice(0, found.steps), async (shorter) => !!(await stores.run(seed, shorter)));
    const { of, inMemory, redis } = (await stores.run(seed, steps)) ?? found;
    const lines = steps.map((step: Step, index) => `${index + 1}. ${JSON.stringify(step)}`);
    throw new Error(
      [`SEED=${seed} shows a different ${of} after`, ...lines, `in memory: ${inMemory}`, `Redis:     ${redis}`].join(
        '\n',
      ),
    );
  }

  it(`through ${STEPS} random steps (SEED=${SEED})`, async () => {
    for (let done = 0; done * STEPS_OF_A_HISTORY < STEPS; done += 1) await expectSame(SEED + done);
  });
});
