import { Module } from '@nestjs/common';
import { SessionService } from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { ADAPTERS, readToken, startApp, type AdapterName, type RunningApp } from '../support/adapters.js';
import { ISSUER } from '../support/auth-library.js';
import { MixedController, OrdersController, shopMetadata, startShop } from '../support/shop-host.js';

const CHALLENGE = `Bearer realm="${ISSUER}"`;

describe.each(ADAPTERS)('the guard on %s', (adapter: AdapterName) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  async function start(...args: Parameters<typeof startShop> extends [unknown, ...infer Rest] ? Rest : never) {
    const shop = await startShop(adapter, ...args);
    running.push(shop);
    return shop;
  }

  describe('who may come in', () => {
    it('lets a good token in, the first time and when it is known', async () => {
      const { ask, login } = await start();
      const token = await login();
      for (let time = 0; time < 3; time++) {
        const answer = await ask('GET /shop/cart', { token });
        expect([answer.status, answer.json()]).toEqual([200, { sub: 'ann' }]);
      }
    });

    it('keeps users apart, also when their tokens come mixed', async () => {
      const { ask, login } = await start();
      const [ann, bob] = [await login('ann'), await login('bob')];
      const asked = Array.from({ length: 40 }, (_, index) => ask('GET /shop/cart', { token: index % 2 ? bob : ann }));
      const subs = (await Promise.all(asked)).map((answer) => answer.json().sub);
      expect(subs).toEqual(subs.map((_, index) => (index % 2 ? 'bob' : 'ann')));
    });

    it('guards every route that says nothing, because a route that was forgotten must not be open', async () => {
      const { ask } = await start();
      const { status, headers, json } = await ask('GET /shop/cart');
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe(CHALLENGE);
      expect(json()).toEqual({
        statusCode: 401,
        error: 'Unauthorized',
        code: 'token_missing',
        message: expect.any(String),
      });
    });

    it('looks at no token on a public route, not even at a bad one', async () => {
      const { ask, login } = await start();
      for (const token of [undefined, 'garbage', await login()]) {
        expect((await ask('GET /shop/products', { token })).json()).toEqual({ user: 'not looked at' });
      }
    });

    it('takes nobody or somebody on an optional route, but no bad token: its client believes to be somebody', async () => {
      const { ask, login } = await start();
      expect((await ask('GET /shop/greeting')).json()).toEqual({ greeting: 'Hello stranger' });
      expect((await ask('GET /shop/greeting', { token: await login() })).json()).toEqual({ greeting: 'Hello ann' });
      const bad = await ask('GET /shop/greeting', { token: 'garbage' });
      expect([bad.status, bad.json().code]).toEqual([401, 'token_invalid']);
    });

    it('takes the word of a method before that of its class', async () => {
      const { ask, login } = await start();
      expect((await ask('GET /open')).text).toBe('read by anyone');
      expect((await ask('POST /open')).status).toBe(401);
      expect((await ask('POST /open', { token: await login() })).json()).toEqual({ sub: 'ann' });
      expect((await ask('GET /open/hello')).json()).toEqual({ sub: null });
      expect((await ask('GET /open/hello', { token: 'garbage' })).status).toBe(401);
    });

    it('is asked for by @UseGuards where it is not global, on a class or a method', async () => {
      const { ask, login } = await start({ guard: 'manual' }, [OrdersController, MixedController]);
      const token = await login();
      expect((await ask('GET /orders')).status).toBe(401);
      expect((await ask('GET /orders', { token })).json()).toEqual({ sub: 'ann' });
      expect((await ask('GET /orders/terms')).text).toBe('terms');
      expect((await ask('GET /mixed/free')).json()).toEqual({ session: null });
      expect((await ask('GET /mixed/kept')).status).toBe(401);
      expect((await ask('GET /mixed/kept', { token })).json()).toEqual({ sub: 'ann' });
    });

    it('is found by a feature module without importing AuthModule, when that is global', async () => {
      @Module({ controllers: [OrdersController] })
      class OrdersModule {}
      const clock = new TestClock();
      const metadata = shopMetadata(clock, [], { guard: 'manual', isGlobal: true });
      const host = await startApp(adapter, { imports: [...metadata.imports!, OrdersModule] }, { clock });
      running.push(host);
      const { accessToken } = await host.app.get(SessionService).open({ sub: 'ann' });
      expect((await host.ask('GET /orders')).status).toBe(401);
      expect((await host.ask('GET /orders', { token: accessToken })).json()).toEqual({ sub: 'ann' });
    });
  });

  describe('what a handler knows', () => {
    it('is the user, single claims, and the session', async () => {
      const { ask, login } = await start();
      const token = await login();
      const { sid, iat, exp, auth_time, renew_until } = readToken(token);
      expect((await ask('GET /shop/me', { token })).json()).toEqual({
        sub: 'ann',
        roles: ['buyer'],
        sameRoles: ['buyer'],
        nothing: null,
        frozen: true,
        session: {
          id: sid,
          sub: 'ann',
          clientId: 'default',
          authTime: auth_time,
          issuedAt: iat,
          expiresAt: exp,
          renewUntil: renew_until,
        },
      });
    });
  });
});
