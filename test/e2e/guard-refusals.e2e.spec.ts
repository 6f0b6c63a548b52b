import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { generateKeys, JwtAuthGuard, SessionService } from '../../src/index.js';
import { ADAPTERS, type AdapterName, type RunningApp } from '../support/adapters.js';
import { ISSUER } from '../support/auth-library.js';
import { OpenController, ShopController, startShop } from '../support/shop-host.js';

const CHALLENGE = `Bearer realm="${ISSUER}"`;

describe.each(ADAPTERS)('the guard on %s', (adapter: AdapterName) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  async function start(...args: Parameters<typeof startShop> extends [unknown, ...infer Rest] ? Rest : never) {
    const shop = await startShop(adapter, ...args);
    running.push(shop);
    return shop;
  }

  describe('what is refused, and how', () => {
    it('tells a bad token from an expired one, with the challenge of RFC 6750', async () => {
      const { ask, login, clock } = await start();
      const token = await login();
      const bad = await ask('GET /shop/cart', { token: `${token}x` });
      expect([bad.status, bad.json().code]).toEqual([401, 'token_invalid']);
      expect(bad.headers['www-authenticate']).toMatch(
        /^Bearer realm="[^"]+", error="invalid_token", error_description="[^"]+"$/,
      );
      clock.advance('30m');
      const expired = await ask('GET /shop/cart', { token });
      expect([expired.status, expired.json().code]).toEqual([401, 'token_expired']);
      expect(expired.headers['www-authenticate']).toContain('error="invalid_token"');
    });

    it('notices the expiry of a token it has seen before', async () => {
      const { ask, login, clock } = await start();
      const token = await login();
      expect((await ask('GET /shop/cart', { token })).status).toBe(200);
      clock.advance('29m');
      expect((await ask('GET /shop/cart', { token })).status).toBe(200);
      clock.advance('1m');
      expect((await ask('GET /shop/cart', { token })).json()).toMatchObject({ code: 'token_expired' });
    });

    it('does the same without the memory of tokens', async () => {
      const { ask, login, clock } = await start({ tokenCache: { max: 0 } });
      const token = await login();
      for (let time = 0; time < 2; time++) expect((await ask('GET /shop/cart', { token })).status).toBe(200);
      clock.advance('30m');
      expect((await ask('GET /shop/cart', { token })).json()).toMatchObject({ code: 'token_expired' });
    });

    it('refuses a refresh token, which is no access token', async () => {
      const { ask, app } = await start();
      const { refreshToken } = await app.get(SessionService).open({ sub: 'ann' });
      expect((await ask('GET /shop/cart', { token: refreshToken! })).json()).toMatchObject({ code: 'token_invalid' });
    });

    it.each(['Bearer', 'bearer', 'Bearer a b', 'Bearer a, Bearer b'])(
      'answers 400 to the header "%s"',
      async (authorization) => {
        const { ask } = await start();
        for (const route of ['GET /shop/cart', 'GET /shop/greeting']) {
          const answer = await ask(route, { headers: { authorization } });
          expect([answer.status, answer.json().code]).toEqual([400, 'invalid_request']);
        }
      },
    );

    it('answers 400 to two Authorization headers, of which Node shows only the first', async () => {
      const { ask, login } = await start();
      const good = `Bearer ${await login()}`;
      for (const authorization of [
        [good, good],
        [good, 'Basic YTpi'],
        ['Basic YTpi', good],
      ]) {
        const answer = await ask('GET /shop/cart', { headers: { authorization } });
        expect([answer.status, answer.json().code]).toEqual([400, 'invalid_request']);
      }
    });

    it.each(['Basic YTpi', 'DPoP a.b.c', 'Bearerish a.b.c'])(
      'counts another scheme as none: "%s"',
      async (authorization) => {
        const { ask } = await start();
        const refused = await ask('GET /shop/cart', { headers: { authorization } });
        expect([refused.status, refused.json().code, refused.headers['www-authenticate']]).toEqual([
          401,
          'token_missing',
          CHALLENGE,
        ]);
        expect((await ask('GET /shop/greeting', { headers: { authorization } })).status).toBe(200);
      },
    );

    it('never reads a token in the query string or a body, where tokens end in logs', async () => {
      const { ask, login } = await start();
      const token = await login();
      for (const name of ['access_token', 'token', 'authorization']) {
        expect((await ask(`GET /shop/cart?${name}=${token}`)).json()).toMatchObject({ code: 'token_missing' });
      }
      expect((await ask('POST /open', { body: { access_token: token } })).json()).toMatchObject({
        code: 'token_missing',
      });
    });

    it('answers a header of 9 KiB with 401, and goes on', async () => {
      const { ask, login } = await start();
      expect((await ask('GET /shop/cart', { token: 'A'.repeat(9_000) })).json()).toMatchObject({
        code: 'token_invalid',
      });
      expect((await ask('GET /shop/cart', { token: await login() })).status).toBe(200);
    });
  });

  describe('beside what a host has of its own', () => {
    @Catch()
    class CatchEverything implements ExceptionFilter {
      constructor(private readonly host: HttpAdapterHost) {}
      catch(error: unknown, host: ArgumentsHost) {
        const status = error instanceof HttpException ? error.getStatus() : 500;
        this.host.httpAdapter.reply(host.getArgByIndex(1), { theirs: true }, status);
      }
    }

    it('still sends the challenge when the host writes the bodies of errors by a filter for everything', async () => {
      const { ask, login } = await start({}, [ShopController], {
        configure: (app) => app.useGlobalFilters(new CatchEverything(app.get(HttpAdapterHost))),
      });
      const missing = await ask('GET /shop/cart');
      expect([missing.status, missing.json(), missing.headers['www-authenticate']]).toEqual([
        401,
        { theirs: true },
        CHALLENGE,
      ]);
      const bad = await ask('GET /shop/cart', { token: `${await login()}x` });
      expect(bad.headers['www-authenticate']).toContain('error="invalid_token"');
    });

    it('can be replaced in tests of the host, global as it is', async () => {
      const { ask } = await start({}, [OpenController], {
        override: (builder) => builder.overrideProvider(JwtAuthGuard).useValue({ canActivate: () => true }),
      });
      expect((await ask('POST /open')).status).toBe(201);
    });

    it('does not take the tokens of another application in the same process, though passport is one object', async () => {
      const [shop, other] = [await start(), await start({ keys: generateKeys() })];
      const [ofShop, ofOther] = [await shop.login(), await other.login('bob')];
      const statuses = async () =>
        Promise.all([
          shop.ask('GET /shop/cart', { token: ofShop }),
          shop.ask('GET /shop/cart', { token: ofOther }),
          other.ask('GET /shop/cart', { token: ofOther }),
          other.ask('GET /shop/cart', { token: ofShop }),
        ]).then((answers) => answers.map(({ status }) => status));
      expect(await statuses()).toEqual([200, 401, 200, 401]);
      expect(await statuses()).toEqual([200, 401, 200, 401]);
    });

    it('goes on when another application in the same process is closed', async () => {
      const [shop, other] = [await start(), await start()];
      await running
        .splice(
          running.findIndex(({ app }) => app === other.app),
          1,
        )[0]!
        .close();
      expect((await shop.ask('GET /shop/cart', { token: await shop.login() })).status).toBe(200);
    });
  });
});
