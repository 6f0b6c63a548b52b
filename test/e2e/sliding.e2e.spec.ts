import { AccessTokenService, AuthModule, SessionService, type AuthModuleOptions } from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { ADAPTERS, readToken, startApp, type Answer, type AppSetup, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';
import { CartController, DraftsController } from '../support/cart-host.js';

const renewalIn = ({ headers }: Answer) => headers['renewed-access-token'] as string | undefined;

describe.each(ADAPTERS)('sliding on %s', (adapter) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  /** Ann logs in; half an hour of token, renewed from its fifteenth minute on, for two hours after the login. */
  async function login(options: Partial<AuthModuleOptions> = {}, setup: AppSetup = {}) {
    const clock = new TestClock(Date.parse('2026-03-01T12:00:00.400Z'));
    const host = await startApp(
      adapter,
      {
        imports: [AuthModule.forRoot({ issuer: ISSUER, keys, store: clock.store(), guard: 'global', ...options })],
        controllers: [CartController, DraftsController],
      },
      { clock, ...setup },
    );
    running.push(host);
    const grant = await host.app.get(SessionService).open({ sub: 'ann', claims: { roles: ['buyer'] } });
    return { ...host, clock, token: grant.accessToken };
  }

  describe('a renewal', () => {
    it('is not due in the first half of the life of a token, and costs nothing there', async () => {
      const { ask, clock, token } = await login();
      clock.advance('899s');
      const answer = await ask('POST /cart/items', { token });
      expect([answer.status, renewalIn(answer), answer.headers['cache-control']]).toEqual([201, undefined, undefined]);
    });

    it('comes in headers beside the answer from then on, and must not be stored', async () => {
      const { ask, clock, token } = await login();
      clock.advance('900s');
      const answer = await ask('POST /cart/items', { token });
      expect([answer.status, answer.json()]).toEqual([201, { added: true }]);
      expect(renewalIn(answer)).toEqual(expect.any(String));
      expect(answer.headers).toMatchObject({ 'renewed-access-token-expires-in': '1800', 'cache-control': 'no-store' });
    });

    it('is the same session, login and claims, under a new jti and with a later end', async () => {
      const { ask, clock, token } = await login();
      clock.advance('20m');
      const renewed = readToken(renewalIn(await ask('POST /cart/items', { token }))!);
      const before = readToken(token) as { iat: number; jti: string };
      const now = Math.floor(clock.now() / 1000);
      expect(renewed).toEqual({ ...before, iat: now, exp: now + 1800, jti: expect.any(String) });
      expect(renewed.jti).not.toBe(before.jti);
    });

    it('is a token like any other: it comes in, and the old one still does until its end', async () => {
      const { ask, clock, token } = await login();
      clock.advance('20m');
      const renewed = renewalIn(await ask('POST /cart/items', { token }))!;
      expect((await ask('GET /cart/plain', { token: renewed })).status).toBe(200);
      expect((await ask('GET /cart/plain', { token })).status).toBe(200);
      clock.advance('10m');
      expect((await ask('GET /cart/plain', { token: renewed })).status).toBe(200);
      expect((await ask('GET /cart/plain', { token })).status).toBe(401);
    });

    it('slides on and on, but never past renew_until, so that a stolen token does not become a stolen session', async () => {
      const { ask, clock, token } = await login();
      const { renew_until: end } = readToken(token) as { renew_until: number };
      let held = token;
      let renewals = 0;
      for (let minute = 0; minute < 119; minute++) {
        clock.advance('1m');
        const answer = await ask('POST /cart/items', { token: held });
        expect(answer.status).toBe(201);
        const renewed = renewalIn(answer);
        if (renewed === undefined) continue;
        renewals++;
        held = renewed;
        expect(readToken(held).exp).toBeLessThanOrEqual(end);
      }
      expect(renewals).toBeGreaterThan(4);
      expect(readToken(held).exp).toBe(end);
      clock.advance('1m');
      expect((await ask('POST /cart/items', { token: held })).status).toBe(401);
    });

    it('tells of a life that was cut by renew_until', async () => {
      const { ask, clock, token } = await login({ sliding: { slideLimit: '40m' } });
      clock.advance('20m');
      const answer = await ask('POST /cart/items', { token });
      expect(answer.headers['renewed-access-token-expires-in']).toBe('1200');
      clock.advance('15m');
      expect(renewalIn(await ask('POST /cart/items', { token: renewalIn(answer)! }))).toBeUndefined();
    });

    it('does not happen where the limit is no longer than a token', async () => {
      const { ask, clock, token } = await login({ sliding: { slideLimit: '0s' } });
      clock.advance('29m');
      expect(renewalIn(await ask('POST /cart/items', { token }))).toBeUndefined();
    });

    it.each([
      ['0', 0, '1s', true],
      ['0.95', 0.95, '28m', false],
      ['0.95', 0.95, '29m', true],
    ])('follows sliding.renewAfter: %s', async (_share, renewAfter, age, due) => {
      const { ask, clock, token } = await login({ sliding: { renewAfter } });
      clock.advance(age);
      expect(renewalIn(await ask('POST /cart/items', { token })) !== undefined).toBe(due);
    });
  });

  describe('where it happens', () => {
    it.each([
      'POST /cart/items',
      'GET /cart',
      'GET /cart/private',
      'POST /cart/nothing',
      'POST /drafts',
      'POST /drafts/both',
      'POST /drafts/by-interceptor',
      'GET /cart/optional',
      'GET /cart/moved',
    ])('renews on %s', async (call) => {
      const { ask, clock, token } = await login();
      clock.advance('20m');
      const answer = await ask(call, { token });
      expect(answer.status).toBeLessThan(400);
      expect(readToken(renewalIn(answer)!).sub).toBe('ann');
      expect(answer.headers['cache-control']).toBe('no-store');
    });

    it.each([
      ['GET /cart/plain', 200, 'is not marked'],
      ['POST /cart/conflict', 409, 'failed: an error shows nobody at work'],
      ['POST /cart/teapot', 418, 'failed without an exception'],
      ['POST /cart/half', 409, 'failed after it had begun'],
      ['POST /cart/empty', 500, 'ended without an answer'],
      ['HEAD /cart', 200, 'is HEAD, which clients send by themselves'],
      ['GET /cart/public', 200, 'may be stored by caches'],
      ['GET /cart/max-age', 200, 'may be stored by caches that are asked for nothing'],
      ['GET /cart/file', 200, 'is a download'],
      ['GET /cart/stream', 200, 'is a stream'],
      ['GET /cart/pipe', 200, 'is a stream of Node'],
      ['GET /cart/web', 200, 'is an answer of fetch'],
      ['GET /cart/events', 200, 'is a stream of events'],
      ['GET /cart/sent', 200, 'was sent by the handler'],
      ['GET /cart/open', 200, 'is public, so that nobody looked at the token'],
    ])('does not renew on %s, answered with %d, which %s', async (call, status) => {
      const { ask, clock, token } = await login();
      clock.advance('20m');
      const answer = await ask(call, { token });
      expect(answer.status).toBe(status);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('renewed-'))).toEqual([]);
    });

    it('leaves the caching of an answer alone when it does not renew', async () => {
      const { ask, clock, token } = await login();
      clock.advance('20m');
      expect((await ask('GET /cart/public', { token })).headers['cache-control']).toBe('public, max-age=60');
    });

    it('renews nothing for an anonymous caller', async () => {
      const { ask } = await login();
      const answer = await ask('GET /cart/optional');
      expect([answer.status, renewalIn(answer)]).toEqual([200, undefined]);
    });

    it('does not touch an answer that the handler has sent, at which Node would throw', async () => {
      const failures: unknown[] = [];
      const collect = { catch: (error: unknown) => failures.push(error) };
      const { ask, clock, token } = await login({}, { configure: (app) => app.useGlobalFilters(collect) });
      clock.advance('20m');
      expect((await ask('GET /cart/sent', { token })).text).toBe('already sent');
      expect(failures).toEqual([]);
    });

    it('signs one token where a class and its method are both marked', async () => {
      const { ask, app, clock, token } = await login();
      const reissue = jest.spyOn(app.get(AccessTokenService), 'reissue');
      clock.advance('20m');
      expect(renewalIn(await ask('POST /drafts/both', { token }))).toBe(reissue.mock.results[0]!.value);
      expect(reissue).toHaveBeenCalledTimes(1);
    });
  });

  describe('a conditional GET', () => {
    it('is answered in full when it renews, because a 304 would throw the token away', async () => {
      const { ask, clock, token } = await login();
      const { headers } = await ask('GET /cart', { token });
      const etag = headers.etag ?? '"any"';
      clock.advance('20m');
      const answer = await ask('GET /cart', { token, headers: { 'if-none-match': etag } });
      expect([answer.status, answer.json()]).toEqual([200, { items: ['a teapot'] }]);
      expect(renewalIn(answer)).toEqual(expect.any(String));
      const since = await ask('GET /cart', {
        token,
        headers: { 'if-modified-since': new Date(clock.now()).toUTCString() },
      });
      expect([since.status, renewalIn(since) !== undefined]).toEqual([200, true]);
    });

    it('is a 304 as ever when it does not', async () => {
      const { ask, token } = await login();
      const { headers } = await ask('GET /cart', { token });
      const answer = await ask('GET /cart', { token, headers: { 'if-none-match': headers.etag ?? '"any"' } });
      // Fastify makes no ETag by itself.
      expect(answer.status).toBe(adapter === 'express' ? 304 : 200);
      expect(renewalIn(answer)).toBeUndefined();
    });
  });
});
