import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthClock } from 'keyturn';
import { startRedis, type RedisServer } from '../../test/support/redis-server.js';
import { startService, type RunningService } from '../../test/support/service.js';
import { OrdersModule } from './orders.module.js';

let redis: RedisServer;
let service: RunningService;
let app: INestApplication;
/** What sleeps in the README turns the clock here, of both apps. */
let time: Server;
let ahead = 0;

beforeAll(async () => {
  jest.spyOn(AuthClock.prototype, 'now').mockImplementation(() => Date.now() + ahead);
  time = createServer((_, response) => {
    ahead = 16 * 60_000;
    response.end();
  }).listen(0, '127.0.0.1');
  redis = await startRedis();
  service = await startService({ REDIS_URL: redis.url });
  const orders = OrdersModule.forRoot({
    authUrl: service.url,
    issuer: 'http://localhost:3000',
    redisUrl: redis.url,
  });
  app = await NestFactory.create(orders, { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  time.close();
  await app.close();
  await service.stop();
  await redis.stop();
});

it('walks through the README', async () => {
  const readme = readFileSync('examples/monorepo/README.md', 'utf8');
  const steps = [...readme.matchAll(/<!-- walk -->\s+```sh\n([\s\S]*?)```/g)].map(([, step]) => step!);
  expect(steps).toHaveLength(3);
  const [order, renew, logOut] = steps as [string, string, string];
  // Twice, since an answer waits for its renewal for 300 ms only, and what comes later serves the next; and the app
  // learns of a logout in its own time.
  const heard =
    'until curl -sS -H "authorization: Bearer $access" $orders/orders | grep -q revoked; do sleep 0.1; done';
  const script = [order, renew + renew, logOut.replace('sleep 1', heard)]
    .join('echo ---\n')
    .replaceAll('sleep 31', `curl -sS http://127.0.0.1:${(time.address() as AddressInfo).port}`)
    .replace('http://localhost:3000', service.url)
    .replace('http://localhost:3002', await app.getUrl());
  const { stdout } = await promisify(execFile)('sh', ['-eu', '-c', script], { encoding: 'utf8' });
  const [ordered, renewed, loggedOut] = stdout.split('---\n');
  expect(ordered).toMatch(/"email":"ada@shop\.example".*\n\{"terms":.*\n\{"products":\["teapot"\]\}\n$/);
  expect(renewed).toMatch(/^renewed-access-token: ey/im);
  expect(renewed).toMatch(/^renewed-access-token-expires-in: \d+/im);
  expect(loggedOut).toMatch(/"code":"session_revoked"/);
});
