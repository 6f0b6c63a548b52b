import { Controller, Get, Module, Post } from '@nestjs/common';
import {
  AuthModule,
  JwtAuthGuard,
  RedisTokenRepositoryModule,
  RequireLiveSession,
  RevocationFeed,
  Revocations,
  SessionService,
  SlidingSession,
  WhenStale,
  type AuthModuleOptions,
  type TokenGrant,
} from '../../src/index.js';
import { startApp, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startLine, type TcpLine } from '../support/tcp-line.js';

@Controller('orders')
class OrdersController {
  @Get() list() {
    return [];
  }

  /** Due at once with `renewAfter: 0`, as soon as a second has passed. */
  @SlidingSession()
  @Post()
  place() {
    return { placed: true };
  }

  @RequireLiveSession()
  @Post('refund')
  refund() {
    return { refunded: true };
  }

  @WhenStale('reject')
  @Get('strict')
  strict() {
    return [];
  }

  @WhenStale('check')
  @Get('checked')
  checked() {
    return [];
  }
}

@Module({ controllers: [OrdersController], providers: [JwtAuthGuard] })
class OrdersModule {}

interface Instance extends RunningApp {
  readonly sessions: SessionService;
  readonly revocations: Revocations;
}

let redis: RedisServer;
let line: TcpLine;
/** One that always reaches Redis, and one whose line can be cut. */
let here: Instance;
let there: Instance;

async function instance(port: number, options: Partial<AuthModuleOptions> = {}): Promise<Instance> {
  const auth = AuthModule.forRoot({
    issuer: ISSUER,
    keys,
    isGlobal: true,
    guard: 'global',
    routes: { path: 'auth' },
    store: RedisTokenRepositoryModule.forRoot({ url: `redis://127.0.0.1:${port}` }),
    sliding: { renewAfter: 0 },
    revocation: { maxStaleness: '1s' },
    ...options,
  });
  const running = await startApp('fastify', { imports: [auth, OrdersModule] });
  return { ...running, sessions: running.app.get(SessionService), revocations: running.app.get(Revocations) };
}

async function eventually(check: () => boolean | Promise<boolean>, within = 6_000): Promise<number> {
  const asked = performance.now();
  while (!(await check())) {
    if (performance.now() > asked + within) throw new Error(`not within ${within} ms: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return performance.now() - asked;
}

beforeAll(async () => {
  redis = await startRedis();
  line = await startLine(redis.port);
  here = await instance(redis.port);
  there = await instance(line.port);
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await line.close();
  await redis.stop();
});
afterEach(async () => {
  line.mend();
  await eventually(() => !there.revocations.isStale());
});

let subjects = 0;
const open = (sub = `user-${++subjects}`): Promise<TokenGrant & { sub: string }> =>
  here.sessions.open({ sub }).then((grant) => ({ ...grant, sub }));
const status = async (at: Instance, call: string, { accessToken }: TokenGrant): Promise<number> =>
  (await at.ask(call, { token: accessToken })).status;
const codeAt = async (at: Instance, call: string, { accessToken }: TokenGrant): Promise<unknown> =>
  (await at.ask(call, { token: accessToken })).json().code;
const refresh = (at: Instance, { refreshToken }: TokenGrant) =>
  at.ask('POST /auth/refresh', { body: { refresh_token: refreshToken } });

describe('a session that was revoked on one instance', () => {
  it('is refused on it at once, and on the other a moment later, though the token was seen before', async () => {
    const session = await open();
    expect(await status(here, 'GET /orders', session)).toBe(200);
    expect(await status(there, 'GET /orders', session)).toBe(200);
    await here.sessions.revoke(session.sub, session.sessionId);
    expect(await codeAt(here, 'GET /orders', session)).toBe('session_revoked');
    await eventually(async () => (await status(there, 'GET /orders', session)) === 401);
    expect(await codeAt(there, 'GET /orders', session)).toBe('session_revoked');
  });

  it('is refused by refresh and renew with the same reason, and by no other session of the user', async () => {
    const session = await open();
    const other = await open(session.sub);
    await here.ask('POST /auth/logout', { token: session.accessToken });
    expect((await refresh(here, session)).json().code).toBe('session_revoked');
    expect(await codeAt(here, 'POST /auth/renew', session)).toBe('session_revoked');
    expect(await status(here, 'GET /orders', other)).toBe(200);
  });

  it('made room for a newer login: the replaced device is told so on its next request', async () => {
    const small = await instance(redis.port, { maxSessionsPerSubject: 1 });
    const replaced = await open();
    await small.sessions.open({ sub: replaced.sub });
    await eventually(async () => (await codeAt(here, 'GET /orders', replaced)) === 'session_replaced');
    await small.close();
  });

  it('was ended by a reuse: the access token of the thief is dead too', async () => {
    const session = await open();
    const first = (await refresh(here, session)).json<{ refresh_token: string; access_token: string }>();
    await refresh(here, { ...session, refreshToken: first.refresh_token });
    expect((await refresh(here, session)).json().code).toBe('token_reused');
    expect(await codeAt(here, 'GET /orders', { ...session, accessToken: first.access_token })).toBe('token_reused');
  });
});

describe('a generation that was raised', () => {
  it('ends all tokens of before, and none of after, in the same second too', async () => {
    const old = await open();
    await here.sessions.revokeAll(old.sub);
    const generation = await here.sessions.generationOf(old.sub);
    const fresh = { ...(await here.sessions.open({ sub: old.sub, generation })), sub: old.sub };
    expect(await codeAt(here, 'GET /orders', old)).toBe('session_revoked');
    expect((await refresh(here, old)).json().code).toBe('session_revoked');
    expect(await status(here, 'GET /orders', fresh)).toBe(200);
    expect((await refresh(here, fresh)).status).toBe(200);
  });

  it('refuses a login whose password was checked before it', async () => {
    const { sub } = await open();
    const generation = await here.sessions.generationOf(sub);
    await here.sessions.revokeAll(sub);
    await expect(here.sessions.open({ sub, generation })).rejects.toMatchObject({ code: 'invalid_credentials' });
  });

  it('leaves alone what was opened above it, however late the command runs', async () => {
    const { sub } = await open();
    const raised = Date.now();
    await here.sessions.revokeAll(sub, raised);
    const fresh = { ...(await here.sessions.open({ sub, generation: raised })), sub };
    await here.sessions.revokeAll(sub, raised);
    expect(await status(here, 'GET /orders', fresh)).toBe(200);
    expect((await refresh(here, fresh)).status).toBe(200);
  });
});

describe('claims that changed', () => {
  it('make access tokens of before expire, and renew none of them', async () => {
    const session = await open();
    await here.app.get(RevocationFeed, { strict: false }).publish([{ kind: 'claims', sub: session.sub }]);
    expect(await codeAt(here, 'GET /orders', session)).toBe('token_expired');
    expect(await codeAt(here, 'POST /auth/renew', session)).toBe('token_expired');
  });
});

describe('an instance that is cut off', () => {
  it('goes on as any verifier of JWTs would, refuses as soon as it is back, and renews nothing meanwhile', async () => {
    const session = await open();
    await new Promise((resolve) => setTimeout(resolve, 1_001));
    line.cut();
    await here.sessions.revoke(session.sub, session.sessionId);
    await eventually(() => there.revocations.isStale());
    const answer = await there.ask('POST /orders', { token: session.accessToken });
    expect(answer.status).toBe(201);
    expect(answer.headers['renewed-access-token']).toBeUndefined();
    expect((await there.ask('POST /auth/renew', { token: session.accessToken })).status).toBe(503);
    line.mend();
    await eventually(async () => (await status(there, 'GET /orders', session)) === 401);
  });

  it('answers 503 where a route would rather know, and asks the store where it is told to', async () => {
    const session = await open();
    expect(await status(there, 'GET /orders/strict', session)).toBe(200);
    expect(await status(there, 'GET /orders/checked', session)).toBe(200);
    line.cut();
    await eventually(() => there.revocations.isStale());
    const rejected = await there.ask('GET /orders/strict', { token: session.accessToken });
    expect([rejected.status, rejected.json().code, rejected.headers['retry-after']]).toEqual([
      503,
      'temporarily_unavailable',
      '1',
    ]);
    expect(await codeAt(there, 'GET /orders/checked', session)).toBe('store_unavailable');
    expect(await status(there, 'GET /orders', session)).toBe(200);
  });
});

describe('a route that asks the store each time', () => {
  it('knows of a session that nobody announced as ended', async () => {
    const session = await open();
    expect(await status(there, 'POST /orders/refund', session)).toBe(201);
    await redis.client.flushall();
    expect(await codeAt(there, 'POST /orders/refund', session)).toBe('session_ended');
    expect(await status(there, 'GET /orders', session)).toBe(200);
  });
});
