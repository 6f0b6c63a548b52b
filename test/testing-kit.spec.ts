import { Controller, Get, Module, Post, UseGuards, type INestApplication, type Type } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  AuthModule,
  CurrentUser,
  generateKeys,
  JwtAuthGuard,
  Public,
  RedisRevocationFeedModule,
  RedisTokenRepositoryModule,
  RequireRecentAuth,
  RequireRole,
  RequireScope,
  ResourceServerModule,
  SessionService,
  WhenStale,
  type AuthUser,
} from '../src/index.js';
import {
  cookieJar,
  KeyturnTestingModule,
  mintedTokens,
  overrideAuth,
  resourceServerKeys,
  signedIn,
  TestClock,
} from '../src/testing/index.js';
import { ADAPTERS, type AdapterName } from './support/adapters.js';

/** What a host's controllers look like; how they are guarded, the module says. */
@Controller()
class OrdersController {
  @Get('orders')
  orders(@CurrentUser() user: AuthUser): object {
    return { sub: user.sub };
  }

  @Get('staff')
  @RequireRole('admin')
  staff(): string {
    return 'staff';
  }

  @Get('reports')
  @RequireScope('reports:read')
  reports(): string {
    return 'reports';
  }

  @Post('pay')
  @RequireRecentAuth('5m')
  pay(): string {
    return 'paid';
  }

  @Public()
  @Get('public')
  open(): string {
    return 'open';
  }
}

@Controller()
class ShopController extends OrdersController {
  @Get('safe')
  @WhenStale('reject')
  safe(): string {
    return 'safe';
  }
}

@UseGuards(JwtAuthGuard)
@Controller('guarded')
class GuardedController extends OrdersController {}

const ISSUER = 'https://auth.test';
const ALGORITHM_KEYS = generateKeys();

/** A host as it is in production, with a Redis that is not there. */
const hostOf = (guard: 'global' | 'manual', controller: Type): Type => {
  @Module({
    imports: [
      AuthModule.forRoot({
        issuer: ISSUER,
        keys: ALGORITHM_KEYS,
        guard,
        isGlobal: true,
        routes: { path: 'auth' },
        store: RedisTokenRepositoryModule.forRoot({ url: 'redis://127.0.0.1:1' }),
        clients: { web: { transport: 'cookie' } },
      }),
    ],
    controllers: [controller],
  })
  class HostModule {}
  return HostModule;
};

let app: INestApplication | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const urlOf = async (application: INestApplication): Promise<string> => {
  app = application;
  await application.listen(0, '127.0.0.1');
  return application.getUrl();
};

interface Answer {
  readonly status: number;
  readonly code?: string;
}
const ask = async (url: string, init: RequestInit = {}): Promise<Answer> => {
  const answer = await fetch(url, init);
  const text = await answer.text();
  return { status: answer.status, code: text.startsWith('{') ? (JSON.parse(text) as Answer).code : undefined };
};
const post = (url: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

async function start(guard: 'global' | 'manual' = 'global', adapter: AdapterName = 'express') {
  const controller = guard === 'global' ? ShopController : GuardedController;
  const builder = Test.createTestingModule({ imports: [hostOf(guard, controller)] });
  const keyturn = KeyturnTestingModule.replaceStore(builder);
  const module = await builder.compile();
  const application =
    adapter === 'fastify' ? module.createNestApplication(new FastifyAdapter()) : module.createNestApplication();
  const url = await urlOf(application);
  return { keyturn, url, app: application };
}

describe('KeyturnTestingModule', () => {
  describe.each(ADAPTERS)('on %s', (adapter) => {
    it('replaces the Redis of a host by one line, feed and clock included', async () => {
      const { keyturn, url, app: host } = await start('global', adapter);
      const ada = await signedIn(host, { sub: 'ada' });
      expect(await ask(`${url}/orders`, { headers: ada.headers })).toMatchObject({ status: 200 });
      keyturn.advance('31m');
      expect(await ask(`${url}/orders`, { headers: ada.headers })).toMatchObject({ code: 'token_expired' });
      expect((await post(`${url}/auth/refresh`, { refresh_token: ada.refreshToken })).status).toBe(200);
      const again = await signedIn(host, { sub: 'ada' });
      await host.get(SessionService, { strict: false }).revokeAll('ada');
      expect(await ask(`${url}/orders`, { headers: again.headers })).toMatchObject({ code: 'session_revoked' });
    });

    it('loses the answer of a refresh that the store has served', async () => {
      const { keyturn, url, app: host } = await start('global', adapter);
      const { refreshToken } = await signedIn(host);
      keyturn.loseNextRefreshAnswer();
      await expect(post(`${url}/auth/refresh`, { refresh_token: refreshToken })).rejects.toThrow('fetch failed');
      // The retry gets what was lost, so nobody is signed out.
      expect((await post(`${url}/auth/refresh`, { refresh_token: refreshToken })).status).toBe(200);
      keyturn.advance('31s');
      const late = await post(`${url}/auth/refresh`, { refresh_token: refreshToken });
      expect(late.code).toBe('token_reused');
    });

    it('keeps the cookies of a client with cookies', async () => {
      const { keyturn, url, app: host } = await start('global', adapter);
      const browser = await cookieJar(host, { sub: 'ada', client: 'web' });
      expect((await ask(`${url}/orders`, { headers: browser.headers })).status).toBe(200);
      keyturn.advance('31m');
      expect((await ask(`${url}/orders`, { headers: browser.headers })).code).toBe('token_expired');
      const answer = await fetch(`${url}/auth/refresh`, { method: 'POST', headers: browser.headers });
      expect(answer.status).toBe(200);
      browser.take(answer);
      expect((await ask(`${url}/orders`, { headers: browser.headers })).status).toBe(200);
      browser.take(await fetch(`${url}/auth/logout`, { method: 'POST', headers: browser.headers }));
      expect(browser.headers.cookie).toBe('');
    });
  });

  it('lets a thief copy the token of a session, and shows what the service makes of it', async () => {
    const { keyturn, url, app: host } = await start();
    const ada = await signedIn(host);
    const copied = keyturn.stealToken(ada.sid);
    expect(copied).toBe(ada.refreshToken);
    expect((await post(`${url}/auth/refresh`, { refresh_token: ada.refreshToken })).status).toBe(200);
    keyturn.advance('31s');
    expect((await post(`${url}/auth/refresh`, { refresh_token: copied })).code).toBe('token_reused');
    expect(() => keyturn.stealToken('nobody')).toThrow('no refresh token of the session "nobody"');
  });

  it('keeps revocations from arriving, and lets the knowledge grow old', async () => {
    const { keyturn, url, app: host } = await start();
    const ada = await signedIn(host);
    const resume = keyturn.pauseFeed();
    await host.get(SessionService, { strict: false }).revoke(ada.sub, ada.sid);
    expect((await ask(`${url}/orders`, { headers: ada.headers })).status).toBe(200);
    keyturn.advance('11s');
    expect(await ask(`${url}/safe`, { headers: ada.headers })).toMatchObject({ status: 503 });
    resume();
    expect((await ask(`${url}/orders`, { headers: ada.headers })).code).toBe('session_revoked');
  });

  it('takes the store away for a while: nobody is signed out by that', async () => {
    const { keyturn, url, app: host } = await start();
    const ada = await signedIn(host);
    keyturn.storeDown('30s');
    expect(await post(`${url}/auth/refresh`, { refresh_token: ada.refreshToken })).toEqual({
      status: 503,
      code: 'store_unavailable',
    });
    expect((await ask(`${url}/orders`, { headers: ada.headers })).status).toBe(200);
    expect((await ask(`${url}/safe`, { headers: ada.headers })).status).toBe(200);
    keyturn.advance('11s');
    expect((await ask(`${url}/safe`, { headers: ada.headers })).status).toBe(503);
    keyturn.advance('20s');
    expect((await post(`${url}/auth/refresh`, { refresh_token: ada.refreshToken })).status).toBe(200);
  });

  it('takes the store back in time: rotation goes on, and what was ended stays ended', async () => {
    const { keyturn, url, app: host } = await start();
    const ada = await signedIn(host, { sub: 'ada' });
    const bob = await signedIn(host, { sub: 'bob' });
    await post(`${url}/auth/refresh`, { refresh_token: ada.refreshToken });
    const newest = keyturn.stealToken(ada.sid);
    await host.get(SessionService, { strict: false }).revoke('bob', bob.sid);
    await keyturn.rollBackStore(2);
    expect((await post(`${url}/auth/refresh`, { refresh_token: newest })).status).toBe(200);
    keyturn.advance('1d');
    expect((await post(`${url}/auth/refresh`, { refresh_token: bob.refreshToken })).status).toBe(401);
  });

  it('feeds a resource server in the same test', async () => {
    const builder = Test.createTestingModule({ imports: [hostOf('global', OrdersController)] });
    const keyturn = KeyturnTestingModule.replaceStore(builder);
    const auth = (await builder.compile()).createNestApplication();
    const keys = resourceServerKeys({ issuer: ISSUER, audience: ISSUER }, () => keyturn.clock.now());
    const orders = Test.createTestingModule({
      imports: [
        ResourceServerModule.forRoot({
          ...keys.options,
          guard: 'global',
          feed: RedisRevocationFeedModule.forRoot({ url: 'redis://127.0.0.1:1' }),
        }),
      ],
      controllers: [ShopController],
    });
    keyturn.feedTo(orders);
    const url = await urlOf((await orders.compile()).createNestApplication());
    await auth.init();
    const headers = keys.headers({ sub: 'ada' });
    expect((await ask(`${url}/orders`, { headers })).status).toBe(200);
    await auth.get(SessionService, { strict: false }).revokeAll('ada');
    expect((await ask(`${url}/orders`, { headers })).code).toBe('session_revoked');
    await auth.close();
  });
});

describe('signedIn', () => {
  it('opens a session with roles, scopes, a client and the age of the login', async () => {
    const { keyturn, url, app: host } = await start();
    const admin = await signedIn(host, { roles: ['admin'], scope: 'reports:read' });
    expect((await ask(`${url}/staff`, { headers: admin.headers })).status).toBe(200);
    expect((await ask(`${url}/reports`, { headers: admin.headers })).status).toBe(200);
    const user = await signedIn(host, { authTime: Math.floor(keyturn.clock.now() / 1000) - 3600 });
    expect((await ask(`${url}/staff`, { headers: user.headers })).status).toBe(403);
    expect((await post(`${url}/pay`, {}, user.headers)).code).toBe('insufficient_user_authentication');
  });
});

describe('overrideAuth', () => {
  it.each(['global', 'manual'] as const)(
    'signs in who sends no token where the guard is %s, and still asks for roles, scopes and a recent login',
    async (guard) => {
      const controller = guard === 'global' ? ShopController : GuardedController;
      const builder = Test.createTestingModule({ imports: [hostOf(guard, controller)] });
      const keyturn = KeyturnTestingModule.replaceStore(builder);
      const auth = overrideAuth(builder, { sub: 'ada' });
      const host = (await builder.compile()).createNestApplication();
      const base = await urlOf(host);
      const url = guard === 'global' ? base : `${base}/guarded`;
      expect((await ask(`${url}/orders`)).status).toBe(200);
      expect((await ask(`${url}/staff`)).code).toBe('forbidden');
      expect((await ask(`${url}/reports`)).code).toBe('insufficient_scope');
      auth.as({ sub: 'ada', roles: ['admin'], scope: 'reports:read' });
      expect((await ask(`${url}/staff`)).status).toBe(200);
      expect((await ask(`${url}/reports`)).status).toBe(200);
      expect((await post(`${url}/pay`, {})).status).toBe(201);
      keyturn.advance('6m');
      expect((await post(`${url}/pay`, {})).code).toBe('insufficient_user_authentication');
      // A token that is sent is judged by itself.
      const { expired } = mintedTokens(host);
      const headers = { authorization: `Bearer ${expired()}` };
      expect((await ask(`${url}/orders`, { headers })).code).toBe('token_expired');
      await host.get(SessionService, { strict: false }).revokeAll('ada');
      expect((await ask(`${url}/orders`)).code).toBe('session_revoked');
      auth.signOut();
      expect((await ask(`${url}/orders`)).code).toBe('token_missing');
      expect((await ask(`${url}/public`)).status).toBe(200);
    },
  );

  it('does the same in a resource server', async () => {
    const { options } = resourceServerKeys();
    const builder = Test.createTestingModule({
      imports: [ResourceServerModule.forRoot({ ...options, guard: 'global' })],
      controllers: [OrdersController],
    });
    overrideAuth(builder, { sub: 'ada' });
    const url = await urlOf((await builder.compile()).createNestApplication());
    expect((await ask(`${url}/orders`)).status).toBe(200);
    expect((await ask(`${url}/staff`)).code).toBe('forbidden');
  });
});

describe('mintedTokens', () => {
  it('makes tokens that are refused, each for its reason', async () => {
    const { url, app: host } = await start();
    const tokens = mintedTokens(host);
    const codeOf = async (token: string) =>
      (await ask(`${url}/orders`, { headers: { authorization: `Bearer ${token}` } })).code;
    expect(await codeOf(tokens.expired())).toBe('token_expired');
    expect(await codeOf(tokens.foreign())).toBe('token_invalid');
    expect(await codeOf(tokens.tampered({ roles: ['admin'] }))).toBe('token_invalid');
    expect(await codeOf(await tokens.revoked())).toBe('session_revoked');
  });
});

describe('resourceServerKeys', () => {
  it('tests an app that only verifies, without an auth service', async () => {
    const clock = new TestClock();
    const auth = resourceServerKeys({ audience: 'orders' }, () => clock.now());
    const module = await Test.createTestingModule({
      imports: [ResourceServerModule.forRoot({ ...auth.options, guard: 'global' })],
      controllers: [OrdersController],
    }).compile();
    const url = await urlOf(module.createNestApplication());
    expect((await ask(`${url}/staff`, { headers: auth.headers({ roles: ['admin'] }) })).status).toBe(200);
    expect((await ask(`${url}/staff`, { headers: auth.headers({ roles: ['clerk'] }) })).status).toBe(403);
    const foreign = resourceServerKeys({ audience: 'orders' });
    expect((await ask(`${url}/staff`, { headers: foreign.headers({ roles: ['admin'] }) })).status).toBe(401);
  });
});
