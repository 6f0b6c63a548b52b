import { UseGuards, Controller, Get, type ExecutionContext } from '@nestjs/common';
import { JwtAuthGuard, RequireLiveSession, RequireRole, SessionService, TokenRepository } from '../../src/index.js';
import { ADAPTERS, readToken, type RunningApp } from '../support/adapters.js';
import { ISSUER } from '../support/auth-library.js';
import {
  AdminController,
  MistakesController,
  OrdersController,
  PayoutsController,
  TwiceController,
} from '../support/demands-host.js';
import { startShop, type HostOptions } from '../support/shop-host.js';

const REALM = `Bearer realm="${ISSUER}"`;
const TOO_OLD = `${REALM}, error="insufficient_user_authentication", max_age="300"`;

@Controller('live')
class LiveController {
  @RequireRole('admin')
  @RequireLiveSession()
  @UseGuards(JwtAuthGuard)
  @Get()
  read() {
    return 'in';
  }
}

/** The end of a session that no guard has heard of; the store alone knows. */
const endUnannounced = (app: RunningApp['app'], token: string) => {
  const { sub, sid } = readToken(token) as { sub: string; sid: string };
  return app.get(TokenRepository, { strict: false }).end(sub, [sid], 'session_ended', 0);
};

/** Lets go on whom Keyturn refuses, as a host may that asks several guards in turn. */
class ForgivingGuard extends JwtAuthGuard {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    return Promise.resolve(super.canActivate(context)).catch(() => true);
  }
}

@UseGuards(ForgivingGuard)
@Controller('forgiven')
class ForgivenController {
  @RequireLiveSession()
  @Get()
  read() {
    return 'for who has a session';
  }
}

describe.each(ADAPTERS)('what a route demands, on %s', (adapter) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  async function start(options: HostOptions = {}) {
    const demanding = [OrdersController, AdminController, MistakesController, TwiceController];
    const controllers = [...demanding, PayoutsController, LiveController, ForgivenController];
    const shop = await startShop(adapter, options, controllers);
    running.push(shop);
    const login = async (claims: Record<string, unknown> = {}) =>
      (await shop.app.get(SessionService).open({ sub: 'ann', claims })).accessToken;
    const told = async (call: string, token?: string) => {
      const answer = await shop.ask(call, { token });
      return answer.status < 300 ? answer.status : `${answer.status} ${answer.json<{ code: string }>().code}`;
    };
    return { ...shop, login, told };
  }

  describe('a recent login', () => {
    it('is one of the last five minutes; after that the challenge says what is wanted', async () => {
      const { ask, told, login, clock } = await start();
      const token = await login();
      expect((await ask('POST /orders/pay', { token })).json()).toEqual({ paidBy: 'ann' });
      clock.advance('299s');
      expect(await told('POST /orders/pay', token)).toBe(201);
      clock.advance('2s');
      const answer = await ask('POST /orders/pay', { token });
      expect(answer.headers['www-authenticate']).toBe(TOO_OLD);
      expect(answer.json()).toEqual({
        statusCode: 401,
        error: 'Unauthorized',
        code: 'insufficient_user_authentication',
        message: 'This requires a login of the last 300 s. Give the password again.',
      });
    });

    it('is not made younger by a refresh, nor by sliding, but by giving the password again', async () => {
      const { ask, told, app, clock } = await start({ routes: { path: 'auth' } });
      const sessions = app.get(SessionService);
      const opened = await sessions.open({ sub: 'ann' });
      clock.advance('20m');
      const renewed = (await ask('POST /auth/renew', { token: opened.accessToken })).json<{ access_token: string }>();
      const body = { refresh_token: opened.refreshToken };
      const refreshed = (await ask('POST /auth/refresh', { body })).json<{ access_token: string }>();
      for (const { access_token: token } of [renewed, refreshed]) {
        expect(await told('POST /orders/pay', token)).toBe('401 insufficient_user_authentication');
      }
      const { accessToken } = await sessions.reissue(readToken(renewed.access_token) as never);
      expect(await told('POST /orders/pay', accessToken)).toBe(201);
      clock.advance('6m');
      expect(await told('POST /orders/pay', accessToken)).toBe('401 insufficient_user_authentication');
    });
  });

  describe('a role', () => {
    it.each<[string, Record<string, unknown>, string, number | string]>([
      ['that is there', { roles: ['buyer', 'admin'] }, 'GET /orders/all', 200],
      ['that is not', { roles: ['buyer'] }, 'GET /orders/all', '403 forbidden'],
      ['where there are none', {}, 'GET /orders/all', '403 forbidden'],
      ['of a longer name', { roles: ['administrator'] }, 'GET /orders/all', '403 forbidden'],
      ['in a text, where it would be a part', { roles: 'administrator' }, 'GET /orders/all', '403 forbidden'],
      ['in an object', { roles: { admin: true } }, 'GET /orders/all', '403 forbidden'],
      ['the one of two', { roles: ['staff'] }, 'GET /orders/open', 200],
      ['the other', { roles: ['admin'] }, 'GET /orders/open', 200],
      ['neither', { roles: ['buyer'] }, 'GET /orders/open', '403 forbidden'],
    ])('%s', async (_story, claims, call, outcome) => {
      const { told, login } = await start();
      expect(await told(call, await login(claims))).toBe(outcome);
    });

    it('that is missing is told without a challenge: another login would not help', async () => {
      const { ask, login } = await start();
      const answer = await ask('GET /orders/open', { token: await login() });
      expect(answer.json()).toMatchObject({ code: 'forbidden', message: "This requires the role 'admin' or 'staff'." });
      expect(answer.headers['www-authenticate']).toBeUndefined();
    });
  });

  describe('a scope', () => {
    it.each<[string, unknown, string, number | string]>([
      ['that is there', 'cart:read cart:write', 'POST /orders/cart', 201],
      ['that is not', 'cart:read', 'POST /orders/cart', '403 insufficient_scope'],
      ['where there is none', undefined, 'POST /orders/cart', '403 insufficient_scope'],
      ['of a longer name', 'cart:writeall', 'POST /orders/cart', '403 insufficient_scope'],
      ['in a list, which is not how scopes are told', ['cart:write'], 'POST /orders/cart', '403 insufficient_scope'],
      ['both of two', 'cart:write x cart:read', 'GET /orders/cart', 200],
      ['one of two', 'cart:write', 'GET /orders/cart', '403 insufficient_scope'],
    ])('%s', async (_story, scope, call, outcome) => {
      const { told, login } = await start();
      expect(await told(call, await login(scope === undefined ? {} : { scope }))).toBe(outcome);
    });

    it('that is missing is named in the challenge, with all that the route takes', async () => {
      const { ask, login } = await start();
      const answer = await ask('GET /orders/cart', { token: await login({ scope: 'cart:read' }) });
      expect(answer.headers['www-authenticate']).toBe(
        `${REALM}, error="insufficient_scope", scope="cart:read cart:write"`,
      );
    });
  });

  it('roles and scopes come first: nobody should give a password to be told no', async () => {
    const { told, login, clock } = await start();
    const [none, role, all] = [
      await login(),
      await login({ roles: ['admin'] }),
      await login({ roles: ['admin'], scope: 'orders:delete' }),
    ];
    clock.advance('10m');
    expect(await told('POST /orders/delete', none)).toBe('403 forbidden');
    expect(await told('POST /orders/delete', role)).toBe('403 insufficient_scope');
    expect(await told('POST /orders/delete', all)).toBe('401 insufficient_user_authentication');
    expect(await told('POST /orders/delete', await login({ roles: ['admin'], scope: 'orders:delete' }))).toBe(201);
  });

  describe.each(['global', 'manual'] as const)('with the guard %s', (guard) => {
    it.each([
      'POST /orders/pay',
      'GET /orders/all',
      'POST /orders/cart',
      'GET /admin',
      'GET /admin/optional',
      'GET /mistakes/class',
      'GET /mistakes/method',
      'GET /mistakes/optional',
      'GET /mistakes/live',
      'GET /mistakes/optional-live',
      'GET /payouts',
      'GET /payouts/all',
      'GET /twice/before',
      'GET /twice/after',
    ])('%s is never open: the demand is a guard by itself', async (call) => {
      const { told } = await start({ guard });
      expect(await told(call)).toBe('401 token_missing');
      expect(await told(call, 'garbage')).toBe('401 token_invalid');
    });

    it.each(['GET /twice/before', 'GET /twice/after', 'POST /orders/pay'])('%s takes a good token', async (call) => {
      const { told, login, clock } = await start({ guard });
      const token = await login();
      expect(String(await told(call, token))).toMatch(/^20/);
      clock.advance('6m');
      expect(await told(call, token)).toBe('401 insufficient_user_authentication');
    });
  });

  it.each<[string, number | string, string]>([
    ['GET /admin', 200, 'what its class demands'],
    ['GET /admin/audit', '403 forbidden', 'its own role in place of that of the class'],
    ['GET /admin/report', 200, 'its own time, and the role of the class'],
    ['GET /admin/health', 200, 'nothing, by its own word'],
  ])('%s answers %s to an administrator: a method demands %s', async (call, outcome) => {
    const { told, login } = await start();
    expect(await told(call, await login({ roles: ['admin'] }))).toBe(outcome);
  });

  it('a method keeps what its class demands of another kind', async () => {
    const { told, login, clock } = await start();
    const [auditor, buyer] = [await login({ roles: ['auditor'] }), await login({ roles: ['buyer'] })];
    expect(await told('GET /admin/audit', auditor)).toBe(200);
    expect(await told('GET /admin/health')).toBe(200);
    clock.advance('6m');
    expect(await told('GET /admin/audit', auditor)).toBe('401 insufficient_user_authentication');
    expect(await told('GET /admin/report', buyer)).toBe('403 forbidden');
  });

  describe('a live session', () => {
    it.each(['GET /mistakes/live', 'GET /payouts'])(
      '%s takes who has one, and nobody whose session is gone',
      async (call) => {
        const { told, login, app } = await start();
        const token = await login();
        expect(await told(call, token)).toBe(200);
        await endUnannounced(app, token);
        expect(await told(call, token)).toBe('401 session_ended');
      },
    );

    it('is one demand of several, and lifted by a @Public() of the method like the others', async () => {
      const { told, login } = await start();
      expect(await told('GET /payouts/all', await login())).toBe('403 forbidden');
      expect(await told('GET /payouts/all', await login({ roles: ['admin'] }))).toBe(200);
      expect(await told('GET /payouts/health')).toBe(200);
    });

    it('is met when the store has said so: the demand refuses whom a guard of the host lets go on', async () => {
      const { told, login, app } = await start({ guard: 'manual' });
      const token = await login();
      expect(await told('GET /forgiven', token)).toBe(200);
      await endUnannounced(app, token);
      expect(await told('GET /forgiven', token)).toBe('401 session_ended');
    });
  });

  it('a message that was let in is not judged again: the store is asked once', async () => {
    const { told, login, app } = await start();
    const token = await login({ roles: ['admin'] });
    const find = jest.spyOn(app.get(TokenRepository, { strict: false }), 'find');
    expect(await told('GET /live', token)).toBe(200);
    // Once by the global guard, once by @UseGuards(JwtAuthGuard), and not again by the demand.
    expect(find).toHaveBeenCalledTimes(2);
  });
});
