import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildService, removeBuild, runService, type ServiceProcess } from '../support/service-process.js';
import { freePort, startRedis } from '../support/redis-server.js';
import { call } from '../support/service.js';

const CLIENTS = 8;
const LONG = '60s';
/** What a stop may take, with room for a slow machine. */
const ENDED_WITHIN = 10_000;

interface Reply {
  readonly status: number;
  readonly connection: string | undefined;
}

/** Over a connection that is kept, as load balancers and browsers do. Status 0: the connection was cut. */
const ask = (agent: Agent, url: string): Promise<Reply> =>
  new Promise((resolve) => {
    const sent = request(url, { agent }, (response) => {
      response
        .resume()
        .on('end', () => resolve({ status: response.statusCode!, connection: response.headers.connection }));
    });
    sent.on('error', () => resolve({ status: 0, connection: undefined }));
    sent.end();
  });

const readyOf = async ({ url }: ServiceProcess) => (await call(`${url}/health/ready`)).status;

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(20)) {
    if (Date.now() > end) throw new Error('it did not come to this');
  }
}

beforeAll(buildService);
afterAll(removeBuild);

describe('a service that is told to stop', () => {
  let service: ServiceProcess;
  afterEach(() => service.kill());

  it('fails no request of clients that go by readiness, however busy they are', async () => {
    service = await runService({ SHUTDOWN_DELAY: '3s' });
    const agent = new Agent({ keepAlive: true });
    const told = { ready: true };
    const seen: Reply[] = [];
    const watch = async (): Promise<void> => {
      while (told.ready) {
        told.ready = (await readyOf(service)) === 200;
        await sleep(20);
      }
    };
    const client = async (): Promise<void> => {
      while (told.ready) seen.push(await ask(agent, `${service.url}/.well-known/jwks.json`));
    };
    const all = Promise.all([watch(), ...Array.from({ length: CLIENTS }, client)]);
    await until(async () => seen.length > 500);
    service.signal('SIGTERM');
    await all;
    expect(seen.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await service.exit).toBe(0);
    agent.destroy();
  });

  it('says at once that it goes, and serves new and old connections meanwhile, each for one more answer', async () => {
    service = await runService({ SHUTDOWN_DELAY: LONG });
    const [old, fresh] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
    const live = `${service.url}/health/live`;
    expect((await ask(old, live)).connection).toBe('keep-alive');
    service.signal('SIGTERM');
    await until(async () => (await readyOf(service)) === 503);
    expect((await call(`${service.url}/health/ready`)).body.status).toBe('draining');
    for (const agent of [old, fresh])
      expect(await ask(agent, live)).toMatchObject({ status: 200, connection: 'close' });
  });

  it('ends with exit code 0 although clients keep connections open', async () => {
    service = await runService({ LOG_LEVEL: 'log', LOG_FORMAT: 'json' });
    const agent = new Agent({ keepAlive: true });
    await Promise.all(Array.from({ length: CLIENTS }, () => ask(agent, `${service.url}/health/live`)));
    const asked = performance.now();
    service.signal('SIGINT');
    expect(await service.exit).toBe(0);
    expect(performance.now() - asked).toBeLessThan(ENDED_WITHIN);
    agent.destroy();
    // And the log tells each step.
    const lines = service.log().trim().split('\n');
    const told = lines.map((line) => JSON.parse(line) as { message: string; version: string });
    expect(told.slice(-3).map(({ message }) => message)).toEqual([
      'Stopping by SIGINT: readiness says draining.',
      'No connection is taken any more; requests under way are answered.',
      'Stopped.',
    ]);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(new Set(told.map((line) => line.version))).toEqual(new Set([version]));
  });

  it('ends where it is by a second signal, but not by the second half of one stroke', async () => {
    service = await runService({ SHUTDOWN_DELAY: LONG });
    // Two of a kind would be one while the first waits to be delivered.
    service.signal('SIGINT');
    service.signal('SIGTERM');
    await until(async () => (await readyOf(service)) === 503);
    const again = setInterval(() => service.signal('SIGTERM'), 300);
    expect(await service.exit).toBe(128 + 15);
    clearInterval(again);
  });
});

it('is alive and not ready without Redis, and ready when it has appeared', async () => {
  const port = await freePort();
  const service = await runService({ REDIS_URL: `redis://127.0.0.1:${port}` }, { ready: false });
  expect((await call(`${service.url}/health/live`)).status).toBe(200);
  expect(await call(`${service.url}/health/ready`)).toMatchObject({
    status: 503,
    body: { status: 'starting', parts: { store: 'down', users: 'up' } },
  });
  const redis = await startRedis({ port });
  await until(async () => (await readyOf(service)) === 200);
  await service.kill();
  await redis.stop();
});
