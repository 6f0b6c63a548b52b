import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { SessionMode } from '../../src/index.js';
import { createService } from '../../src/service/create-service.js';
import { apiDocument } from '../../src/service/http/api-document.js';
import { loadConfig } from '../../src/service/config/load-config.js';
import { readServiceConfig } from '../../src/service/config/service.config.js';
import { UsersService } from '../../src/service/accounts/users.service.js';
import { databaseThere } from '../support/database-there.js';
import { JWT_SHAPE } from '../support/jwt-shape.js';
import { startPostgres } from '../support/postgres-server.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { faultsOf, type Schema } from '../support/schema-check.js';
import { call, type Answer, type CallRequest } from '../support/service.js';

const PASSWORD = 'correct horse battery';

/** The last column of the contract's table. */
const STORED = [
  'POST /auth/refresh',
  'GET /auth/sessions',
  'GET /auth/sessions/ended',
  'DELETE /auth/sessions',
  'DELETE /auth/sessions/:id',
  'GET /admin/users/:id/sessions',
  'DELETE /admin/users/:id/sessions/:sid',
  'GET /admin/sessions/:sid/timeline',
];
const SLIDING = ['POST /auth/renew'];
const MISSING: Readonly<Record<SessionMode, readonly string[]>> = {
  access: [...STORED, ...SLIDING],
  'access-sliding': STORED,
  refresh: SLIDING,
  'refresh-sliding': [],
};

const stops: (() => Promise<unknown>)[] = [];
// Once for each block below: a service takes seconds to start.
const stopAll = async (): Promise<void> => {
  for (const stop of stops.splice(0).toReversed()) await stop();
};

async function start(strategy: SessionMode, env: Readonly<Record<string, string>> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'keyturn-strategies-'));
  stops.push(() => rm(dataDir, { recursive: true, force: true }));
  const postgres = await startPostgres();
  stops.push(() => postgres.stop());
  const loaded = await loadConfig(readServiceConfig, {
    PORT: '0',
    AUTH_ISSUER: 'http://localhost:3000',
    LOG_LEVEL: 'fatal',
    DATA_DIR: dataDir,
    DOCS: 'off',
    DATABASE_URL: postgres.url,
    AUTH_STRATEGY: strategy,
    LOGIN_LIMITS: 'off',
    ...env,
  });
  const app: NestFastifyApplication = await createService(loaded);
  stops.push(() => app.close());
  const routes: string[] = [];
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', ({ method, url: path }) => {
      // OAuth's own doors are described by the metadata that their clients read (RFC 8414).
      if (/^\/(oauth\/|\.well-known\/(oauth|openid))/.test(path)) return;
      for (const verb of [method].flat()) if (!['HEAD', 'OPTIONS'].includes(verb)) routes.push(`${verb} ${path}`);
    });
  await app.listen({ port: 0, host: '127.0.0.1' });
  await databaseThere(app);
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const users = app.get(UsersService, { strict: false });
  const ask = (route: string, request: CallRequest = {}): Promise<Answer> => {
    const [method, path] = route.split(' ') as [string, string];
    return call(url + path, { ...request, method });
  };
  return {
    routes,
    ask,
    document: apiDocument(app),
    /** An administrator whom no other test knows. */
    account: async () => {
      const { id, email } = await users.register(`${randomUUID()}@shop.example`, PASSWORD, ['admin']);
      const logIn = async (password = PASSWORD) => (await ask('POST /auth/login', { body: { email, password } })).body;
      return { id, email, logIn };
    },
    /** What a token's bearer is told: `ok`, or the code of the refusal. */
    told: async (token: string) => {
      const { status, body } = await ask('GET /auth/me', { token });
      return status === 200 ? 'ok' : body.code;
    },
  };
}

const documented = ({ paths }: ReturnType<typeof apiDocument>): string[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item as object).map((verb) => `${verb.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );

let all: string[];
beforeAll(async () => {
  // The strategy that has everything.
  all = documented((await start('refresh-sliding')).document);
  await stopAll();
});

describe.each(Object.keys(MISSING) as SessionMode[])('the service in strategy %s', (strategy) => {
  let service: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    service = await start(strategy);
  });
  afterAll(stopAll);

  it('has the routes of the contract and no other, on its page as well', async () => {
    const { routes, document, ask } = service;
    const expected = all.filter((route) => !MISSING[strategy].includes(route));
    expect(routes.toSorted()).toEqual(expected.toSorted());
    expect(documented(document).toSorted()).toEqual(expected.toSorted());
    const { access_token: token, session_id: id } = await (await service.account()).logIn();
    for (const route of MISSING[strategy]) {
      const { status, body } = await ask(route.replace(/:s?id/g, id), { token });
      expect([route, status, body.code]).toEqual([route, 404, 'not_found']);
    }
  });

  it('answers as its page says, and tells of nothing that it has not', async () => {
    const { ask, document } = service;
    const schemas = document.components!.schemas as Readonly<Record<string, Schema>>;
    const named = JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g);
    expect(new Set([...named].map(([, name]) => name))).toEqual(new Set(Object.keys(schemas)));
    const tokens = await (await service.account()).logIn();
    const me = await ask('GET /auth/me', { token: tokens.access_token });
    const ready = await ask('GET /health/ready');
    for (const [name, body] of Object.entries({ LoginAnswer: tokens, Me: me.body, Ready: ready.body })) {
      expect([name, faultsOf(body, schemas[name]!, schemas)]).toEqual([name, []]);
    }
    const [stored, sliding] = [strategy.startsWith('refresh'), strategy.endsWith('sliding')];
    expect(['refresh_token' in tokens, 'refresh_token_expires_in' in tokens]).toEqual([stored, stored]);
    expect(['renew_after' in tokens, 'renew_until' in me.body, 'renew_after' in me.body]).toEqual(
      Array(3).fill(sliding),
    );
    expect('store' in ready.body.parts).toBe(stored);
  });

  it('asks for the password again, and calls back by logout, password change, disabling and an administrator', async () => {
    const { ask, told } = service;
    const { id, logIn } = await service.account();
    const [first, second] = [await logIn(), await logIn()];
    expect((await ask('POST /auth/logout', { token: first.access_token })).status).toBe(204);
    expect([await told(first.access_token), await told(second.access_token)]).toEqual(['session_revoked', 'ok']);

    const again = await ask('POST /auth/reauthenticate', { token: second.access_token, body: { password: PASSWORD } });
    expect([again.status, await told(again.body.access_token)]).toEqual([200, 'ok']);

    const passwords = { current_password: PASSWORD, new_password: 'another horse battery' };
    const changed = await ask('POST /auth/password', { token: second.access_token, body: passwords });
    expect(changed.status).toBe(200);
    expect([await told(second.access_token), await told(changed.body.access_token)]).toEqual(['session_revoked', 'ok']);

    const third = await logIn('another horse battery');
    expect((await ask('POST /auth/logout-all', { token: third.access_token })).status).toBe(204);
    expect([await told(third.access_token), await told(changed.body.access_token)]).toEqual([
      'session_revoked',
      'session_revoked',
    ]);

    const [fourth, admin] = [await logIn('another horse battery'), await logIn('another horse battery')];
    const lowered = await ask(`PATCH /admin/users/${id}`, { token: admin.access_token, body: { roles: [] } });
    expect(lowered.status).toBe(200);
    expect(await told(fourth.access_token)).toBe('token_expired');
    expect(await told((await logIn('another horse battery')).access_token)).toBe('ok');
  });
});

describe('the service without sessions, on two instances with a feed', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await stopAll();
    await redis.stop();
  });

  it('hears on the one what was logged out on the other, and keeps nothing else in Redis', async () => {
    const keys = JSON.stringify((await import('../../src/index.js')).generateKeys());
    const env = { REDIS_URL: redis.url, AUTH_KEYS: keys };
    const [one, other] = [await start('access', env), await start('access', env)];
    const { access_token: token } = await (await one.account()).logIn();
    expect(await other.told(token)).toBe('ok');
    // The feed holds a mark of how long its entries are kept.
    expect((await redis.client.keys('*')).filter((key) => key !== 'kt:feed')).toEqual([]);
    expect((await one.ask('POST /auth/logout', { token })).status).toBe(204);
    const heard = Date.now() + 30_000;
    while ((await other.told(token)) === 'ok' && Date.now() < heard) await new Promise(setImmediate);
    expect(await other.told(token)).toBe('session_revoked');
    expect(await redis.client.keys('*')).toEqual(['kt:feed']);
  });
});

describe('the service with a web client', () => {
  afterAll(stopAll);
  const page = { 'sec-fetch-site': 'same-origin' };
  const cookiesOf = ({ headers }: Answer): string =>
    headers
      .getSetCookie()
      .map((cookie) => cookie.split(';', 1)[0])
      .join('; ');

  it('carries its tokens in cookies through password change and logout, and refuses foreign pages', async () => {
    const env = { AUTH_CLIENTS: '{"web":{"transport":"cookie"}}', ALLOWED_ORIGINS: 'https://shop.example' };
    const { ask, account } = await start('refresh-sliding', env);
    const web = { email: (await account()).email, password: PASSWORD, client_id: 'web' };
    const foreign = await ask('POST /auth/login', { body: web, headers: { origin: 'https://evil.example' } });
    expect([foreign.status, foreign.body.code, cookiesOf(foreign)]).toEqual([403, 'forbidden', '']);

    const loggedIn = await ask('POST /auth/login', { body: web, headers: { origin: 'https://shop.example' } });
    expect([loggedIn.status, loggedIn.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://shop.example',
    ]);
    expect(JSON.stringify(loggedIn.body)).not.toMatch(JWT_SHAPE);
    const cookie = cookiesOf(loggedIn);
    expect((await ask('GET /auth/me', { headers: { cookie } })).status).toBe(200);

    const body = { current_password: PASSWORD, new_password: 'another horse battery' };
    const stolen = await ask('POST /auth/password', { body, headers: { cookie, origin: 'https://evil.example' } });
    expect([stolen.status, stolen.body.code]).toEqual([403, 'forbidden']);
    const changed = await ask('POST /auth/password', { body, headers: { cookie, ...page } });
    expect([changed.status, JWT_SHAPE.test(JSON.stringify(changed.body))]).toEqual([200, false]);
    expect((await ask('GET /auth/me', { headers: { cookie } })).body.code).toBe('session_revoked');

    const next = cookiesOf(changed);
    expect((await ask('POST /auth/refresh', { headers: { cookie: next, ...page } })).status).toBe(200);
    const out = await ask('POST /auth/logout', { headers: { cookie: next, ...page } });
    expect([out.status, cookiesOf(out)]).toEqual([204, '__Host-access_token=; __Secure-refresh_token=']);
    expect((await ask('GET /auth/me', { headers: { cookie: next } })).body.code).toBe('session_revoked');
  });
});
