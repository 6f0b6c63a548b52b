import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { Test } from '@nestjs/testing';
import { AuthClock } from 'keyturn';
import { TestClock } from 'keyturn/testing';
import { ShopModule } from '../examples/shop/shop.module.js';
import { startPostgres } from './support/postgres-server.js';
import { startRedis } from './support/redis-server.js';
import { compilerFaults, snippetsOf } from './support/snippets.js';
import { EMBEDDED, startService, type RunningService } from './support/service.js';

const readme = readFileSync('README.md', 'utf8');
const blocks = (pattern: RegExp): string[] => [...readme.matchAll(pattern)].map((match) => match[1]!);
const run = async (script: string): Promise<string> =>
  (await promisify(execFile)('sh', ['-eu', '-c', script], { encoding: 'utf8' })).stdout;

describe.each(['embedded parts', 'Redis', 'Redis and PostgreSQL'])('the tour of the README, on %s', (parts) => {
  let service: RunningService;
  const stops: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const redis = parts.includes('Redis') ? await startRedis() : undefined;
    const postgres = parts.includes('PostgreSQL') ? await startPostgres() : undefined;
    service = await startService({
      ...(redis && { REDIS_URL: redis.url }),
      ...(postgres ? { DATABASE_URL: postgres.url } : EMBEDDED),
    });
    stops.push(
      () => service.stop(),
      async () => redis?.stop(),
      async () => postgres?.stop(),
    );
  }, 60_000);
  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  it('can be pasted, and prints what it promises', async () => {
    const steps = blocks(/<!-- tour -->\s+```sh\n([\s\S]*?)```/g);
    expect(steps).toHaveLength(6);
    const printed = await run(steps.join('echo ---\n').replaceAll('http://localhost:3000', service.url));
    const [, login, guarded, turned, reused, loggedOut] = printed.split('---\n');
    expect(login).toMatch(/^\{"user":.*\n\{"access_token":"ey.*"session_id":"[\w-]{22}"\}\n$/);
    expect(guarded).toMatch(/^\{"sub":.*"email":"ada@shop\.example".*\n\{"sessions":\[\{.*"current":true/);
    expect(turned).toBe('the same successor\n');
    expect(reused).toMatch(/^(\{.*"code":"token_reused".*\}\n){2}$/);
    expect(loggedOut).toMatch(/^status 204\n\{.*"code":"session_revoked".*\}\n$/);
  });
});

describe('the shop of the README', () => {
  it('renews the access token when the cart is filled', async () => {
    process.env.ACCESS_TTL = '10s';
    const clock = new TestClock();
    const module = await Test.createTestingModule({ imports: [ShopModule.forRoot(clock.store())] })
      .overrideProvider(AuthClock)
      .useValue(clock.authClock)
      .compile();
    const app = module.createNestApplication({ logger: ['error'] });
    await app.listen(0, '127.0.0.1');
    // What sleeps in the README turns the clock here.
    const time = createServer((_, response) => void (clock.advance('6s'), response.end())).listen(0, '127.0.0.1');
    await once(time, 'listening');
    const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const [step] = blocks(/<!-- shop tour -->\s+```sh\n([\s\S]*?)```/g);
    const script = step!.replace('http://127.0.0.1:3001', urlOf(app.getHttpServer() as Server));
    const printed = await run(script.replace('sleep 6', `curl -sS ${urlOf(time)}`));
    await app.close();
    time.close();
    delete process.env.ACCESS_TTL;
    expect(printed).toMatch(/^renewed-access-token: ey/im);
    expect(printed).toMatch(/^renewed-access-token-expires-in: 10/im);
  }, 30_000);
});

describe('the code of the README', () => {
  it('compiles as it stands', () => {
    const snippets = snippetsOf('README.md');
    expect(snippets.length).toBeGreaterThan(4);
    expect(compilerFaults(snippets)).toEqual([]);
  }, 60_000);
});
