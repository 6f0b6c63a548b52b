import type { Server } from 'node:http';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startService, type RunningService } from '../support/service.js';
import { untilNotBusy } from '../support/until-not-busy.js';

const COMMAND_TIMEOUT = 500;
const PATIENCE = COMMAND_TIMEOUT + 200;
const ACCOUNT = { email: 'owner@shop.example', password: 'correct horse battery' };

let redis: RedisServer;
let service: RunningService;

beforeAll(async () => {
  redis = await startRedis();
  service = await startService({ REDIS_URL: redis.url });
  await untilNotBusy(() => service.call('/auth/register', { body: ACCOUNT }));
});
afterAll(async () => {
  await service.stop();
  await redis.stop();
});

const login = async () => (await untilNotBusy(() => service.call('/auth/login', { body: ACCOUNT }))).body;
const refresh = (token: string) => service.call('/auth/refresh', { body: { refresh_token: token } });
const untilStoreIs = async (state: string) => {
  for (let tries = 0; tries < 200; tries++) {
    if ((await service.call('/health/ready')).body.parts.store === state) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`the store did not become ${state}`);
};

/** Everything that needs the store is answered 503 in time; nothing that does not need it notices. */
async function expectKeepTheTokens(tokens: { access_token: string; refresh_token: string }): Promise<void> {
  const before = performance.now();
  await service.call('/auth/me', { token: tokens.access_token });
  // A busy machine is late with everything: more than the usual slack is allowed only where an ordinary request is slow.
  const slack = Math.max(300, 20 * (performance.now() - before));
  for (const ask of [
    () => refresh(tokens.refresh_token),
    () => service.call('/auth/login', { body: ACCOUNT }),
    () => service.call('/auth/logout', { body: { refresh_token: tokens.refresh_token } }),
    () => service.call('/auth/sessions', { token: tokens.access_token }),
  ]) {
    const asked = performance.now();
    const { status, headers, body } = await ask();
    const took = performance.now() - asked;
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'store_unavailable' });
    expect(headers.get('retry-after')).toBe('1');
    expect(body.message).not.toMatch(/redis:|ECONN|127\.0\.0\.1/);
    expect(took).toBeLessThan(PATIENCE + slack);
  }
  expect((await service.call('/auth/me', { token: tokens.access_token })).status).toBe(200);
  expect((await service.call('/health/live')).status).toBe(200);
  expect((await service.call('/health/ready')).body.status).toBe('degraded');
}

describe('a store that fails', () => {
  it('hangs: each request is told to keep its tokens in time, and a refresh goes on afterwards', async () => {
    const tokens = await login();
    redis.pause();
    await expectKeepTheTokens(tokens);
    redis.resume();
    await untilStoreIs('up');
    // The logout above may have run late; a session of its own shows that the store is back.
    expect((await refresh((await login()).refresh_token)).status).toBe(200);
  });

  it('is killed and comes back empty: nobody is told anything but to log in', async () => {
    const tokens = await login();
    await redis.kill();
    await expectKeepTheTokens(tokens);
    redis = await startRedis({ port: redis.port });
    await untilStoreIs('up');
    expect((await refresh(tokens.refresh_token)).body.code).toBe('session_ended');
    expect((await refresh((await login()).refresh_token)).status).toBe(200);
  });

  it('loses an answer: the retry gets the successor, and nobody cries theft', async () => {
    const { refresh_token: token } = await login();
    // The script runs, but its answer is held back for longer than the service waits.
    redis.pause();
    const lost = refresh(token);
    await new Promise((resolve) => setTimeout(resolve, COMMAND_TIMEOUT / 2));
    expect((await lost).body.code).toBe('store_unavailable');
    redis.resume();
    await untilStoreIs('up');
    const retried = await refresh(token);
    expect(retried.status).toBe(200);
    expect((await refresh(retried.body.refresh_token)).status).toBe(200);
  });
});

describe('a stop', () => {
  it('lets the request under way finish', async () => {
    const own = await startService({});
    await own.call('/auth/register', { body: ACCOUNT });
    // A connection that is not accepted yet is refused by the system: the stop begins when the last request has arrived.
    const arrived = requestsArrived(own, 8);
    const logins = Array.from({ length: 8 }, () => own.call('/auth/login', { body: ACCOUNT }));
    await arrived;
    const stopped = own.stop();
    expect((await Promise.all(logins)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    await stopped;
  });
});

function requestsArrived({ app }: RunningService, count: number): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0;
    (app.getHttpServer() as Server).on('request', () => ++seen === count && resolve());
  });
}
