import { Controller, Get, SetMetadata } from '@nestjs/common';
import {
  CurrentUser,
  isLegacy,
  RequireLiveSession,
  RequireRecentAuth,
  RequireRole,
  type AuthUser,
} from '../../src/index.js';
import { ADAPTERS, type Answer } from '../support/adapters.js';
import { FormerLogin } from '../support/former-login.js';
import { startShop, type HostOptions } from '../support/shop-host.js';

@Controller('shop')
class ShopController {
  @Get('cart')
  cart(@CurrentUser() user: AuthUser) {
    return { sub: user.sub, former: isLegacy(user) };
  }

  @RequireRole('admin')
  @Get('stock')
  stock() {
    return 'stock';
  }

  @RequireRecentAuth('5m')
  @Get('pay')
  pay() {
    return 'paid';
  }

  @RequireLiveSession()
  @Get('live')
  live() {
    return 'live';
  }
}

@SetMetadata('isPublic', true)
@Controller('open')
class OpenController {
  @Get()
  read() {
    return 'read by anyone';
  }

  @SetMetadata('isPublic', false)
  @Get('mine')
  mine() {
    return 'mine';
  }

  @RequireRole('admin')
  @Get('stock')
  stock() {
    return 'stock';
  }
}

const UNTIL = '2099-01-01T00:00:00Z';
const codeIn = (answer: Answer): string => (answer.status < 300 ? 'ok' : String(answer.json().code));

describe.each(ADAPTERS)('a host that had a login written by hand (%s)', (adapter) => {
  const former = new FormerLogin();
  const legacy: HostOptions['legacy'] = {
    accessTokens: { verify: former.verifyAccess, until: UNTIL },
    refreshTokens: { redeem: former.verifyRefresh, until: UNTIL },
  };
  const start = (options: HostOptions = {}) =>
    startShop(adapter, { legacy, routes: { path: 'auth' }, ...options }, [ShopController]);
  let shop: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => void (shop = await start()));

  const nowInSeconds = (host = shop): number => Math.floor(host.clock.now() / 1000);
  const ask = async (path: string, token: string, host = shop) =>
    codeIn(await host.ask(`GET /shop/${path}`, { token }));

  it('lets the bearer of a live access token of it in, as far as the token says', async () => {
    const buyer = former.login('ann', { issuedAt: nowInSeconds() - 600 }).accessToken;
    const admin = former.login('bob', { issuedAt: nowInSeconds(), roles: ['admin'] }).accessToken;
    const undated = former.login('eve', { issuedAt: nowInSeconds(), authTime: null }).accessToken;

    expect((await shop.ask('GET /shop/cart', { token: buyer })).json()).toEqual({ sub: 'ann', former: true });
    const asked = ['stock', 'pay', 'live'];
    expect(await Promise.all(asked.map((path) => ask(path, buyer)))).toEqual([
      'forbidden',
      'insufficient_user_authentication',
      'ok',
    ]);
    expect(await Promise.all(asked.map((path) => ask(path, admin)))).toEqual(['ok', 'ok', 'ok']);
    expect(await ask('pay', undated)).toBe('insufficient_user_authentication');
  });

  it('refuses one that is over by `token_expired`, and one under a foreign signature', async () => {
    const old = former.login('ann', { issuedAt: nowInSeconds() - 901 }).accessToken;
    const foreign = new FormerLogin({ access: 'another secret', refresh: 'another secret' });

    expect(await ask('cart', old)).toBe('token_expired');
    expect(await ask('cart', foreign.login('ann', { issuedAt: nowInSeconds() }).accessToken)).toBe('token_invalid');
    expect(await ask('cart', 'garbage')).toBe('token_invalid');
  });

  it('redeems a refresh token of it at the route of Keyturn, once', async () => {
    const { refreshToken: refresh_token } = former.login('cleo', { issuedAt: nowInSeconds() - 60 });
    const answers = await Promise.all([1, 2].map(() => shop.ask('POST /auth/refresh', { body: { refresh_token } })));

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]!.json().refresh_token).toBe(answers[1]!.json().refresh_token);
    expect(await ask('cart', answers[0]!.json<{ access_token: string }>().access_token)).toBe('ok');
  });

  it.each(['logout', 'logout-all'])('ends its tokens at a %s', async (route) => {
    const tokens = former.login('dan', { issuedAt: nowInSeconds() - 60 });
    const body = route === 'logout' ? { refresh_token: tokens.refreshToken } : undefined;
    const ended = await shop.ask(`POST /auth/${route}`, { token: tokens.accessToken, body });

    expect(ended.status).toBe(204);
    expect(await ask('cart', tokens.accessToken)).toBe('session_revoked');
    const refreshed = await shop.ask('POST /auth/refresh', { body: { refresh_token: tokens.refreshToken } });
    expect(refreshed.status).toBe(401);
  });

  it('obeys its own `@Public()` where its metadata key is named, and not without', async () => {
    const ask = (host: typeof shop) =>
      Promise.all(['/open', '/open/mine', '/open/stock'].map(async (path) => (await host.ask(`GET ${path}`)).status));
    const named = await startShop(adapter, { publicMetadata: 'isPublic' }, [OpenController]);
    const unnamed = await startShop(adapter, {}, [OpenController]);

    expect(await ask(named)).toEqual([200, 401, 401]);
    expect(await ask(unnamed)).toEqual([401, 401, 401]);
  });

  it('is told what an old token is where none are taken over, and nothing of what it holds', async () => {
    const plain = await startShop(adapter, { routes: { path: 'auth' } }, [ShopController]);
    const { accessToken, refreshToken } = former.login('ann', { issuedAt: nowInSeconds(plain) });
    const answers = await Promise.all([
      plain.ask('GET /shop/cart', { token: accessToken }),
      plain.ask('POST /auth/refresh', { body: { refresh_token: refreshToken } }),
      plain.ask('GET /shop/cart', { token: 'an-opaque-token' }),
    ]);

    const sentence = (seen: string) =>
      `The token was not issued by Keyturn (${seen}). If it comes from your former login, see docs/moving-in.md.`;
    const jwt = sentence('no kid, HS256, iss missing');
    expect(answers.map((answer) => answer.json().message)).toEqual([jwt, jwt, sentence('no JWT')]);
    expect(answers.map(codeIn)).toEqual(['token_invalid', 'token_invalid', 'token_invalid']);
  });
});
