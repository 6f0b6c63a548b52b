import type { INestApplication } from '@nestjs/common';
import { AUTH_POLICY, corsOptions, type AuthModuleExtras, type AuthModuleOptions } from '../../src/index.js';
import { ADAPTERS, readToken, type Answer, type RunningApp } from '../support/adapters.js';
import { Browser, setCookies } from '../support/browser.js';
import { ISSUER } from '../support/auth-library.js';
import { JWT_SHAPE } from '../support/jwt-shape.js';
import { credentials, startHost } from '../support/own-users-host.js';

const ACCESS = '__Host-access_token';
const REFRESH = '__Secure-refresh_token';
const SHOP = 'https://shop.example';
const EVIL = 'https://evil.example';

const running: RunningApp[] = [];
afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

const told = ({ status, text }: Answer): string =>
  text.startsWith('{') ? `${status} ${(JSON.parse(text) as { code?: string }).code ?? 'ok'}` : String(status);

describe.each(ADAPTERS)('tokens in cookies on %s', (adapter) => {
  async function start(
    options: Partial<AuthModuleOptions> = {},
    configure?: (app: INestApplication) => unknown,
    extras?: AuthModuleExtras,
  ) {
    const given = { clients: { web: { transport: 'cookie' as const } }, ...options };
    const host = await startHost(adapter, () => given, extras, configure);
    running.push(host);
    return { ...host, browser: new Browser(host) };
  }
  const login = { body: { ...credentials, client_id: 'web' } };
  async function loggedIn(...given: Parameters<typeof start>) {
    const host = await start(...given);
    const answer = await host.browser.ask('POST /login', login);
    return { ...host, answer };
  }

  it('a login sets both, out of reach of scripts, and puts no token into the body', async () => {
    const { answer } = await loggedIn();
    expect(answer.json()).toEqual({
      token_type: 'Bearer',
      expires_in: 1800,
      renew_after: 900,
      refresh_token_expires_in: 1_209_600,
      session_expires_in: 90 * 86_400,
      session_id: expect.any(String),
    });
    expect(answer.text).not.toMatch(JWT_SHAPE);
    const cookies = setCookies(answer);
    const attributes = { HttpOnly: '', Secure: '', SameSite: 'Strict', 'Max-Age': String(90 * 86_400) };
    expect([...cookies.keys()]).toEqual([ACCESS, REFRESH]);
    expect(cookies.get(ACCESS)!.attributes).toEqual({ ...attributes, Path: '/' });
    expect(cookies.get(REFRESH)!.attributes).toEqual({ ...attributes, Path: '/auth' });
    expect(readToken(cookies.get(ACCESS)!.value)).toMatchObject({ client_id: 'web' });
  });

  it('open guarded routes, are refreshed, and say when the access token is over', async () => {
    const { browser, clock } = await loggedIn();
    expect(told(await browser.ask('GET /profile'))).toBe('200 ok');
    expect(told(await browser.ask('POST /profile'))).toBe('204');
    clock.advance('31m');
    expect(told(await browser.ask('GET /profile'))).toBe('401 token_expired');
    const refreshed = await browser.ask('POST /auth/refresh');
    expect([told(refreshed), JWT_SHAPE.test(refreshed.text)]).toEqual(['200 ok', false]);
    expect([...setCookies(refreshed).keys()]).toEqual([ACCESS, REFRESH]);
    expect(told(await browser.ask('GET /profile'))).toBe('200 ok');
  });

  it('stay as they are when a refresh is refused: a late loser must not clear what a winner has set', async () => {
    const { browser, clock } = await loggedIn();
    const [spent] = [browser.cookies.get(REFRESH)!];
    await browser.ask('POST /auth/refresh');
    clock.advance('1m');
    browser.cookies.set(REFRESH, spent);
    const refused = await browser.ask('POST /auth/refresh');
    expect([told(refused), refused.headers['set-cookie']]).toEqual(['401 token_reused', undefined]);
  });

  it('are renewed in place on a sliding route and on request, with no token in a header or body', async () => {
    const { browser, clock } = await loggedIn();
    const first = browser.cookies.get(ACCESS)!.value;
    clock.advance('15m');
    const slid = await browser.ask('POST /cart');
    expect([...setCookies(slid).keys()]).toEqual([ACCESS]);
    expect([slid.headers['renewed-access-token'], slid.headers['cache-control']]).toEqual([undefined, 'no-store']);
    expect(slid.headers['renewed-access-token-expires-in']).toBe('1800');
    const second = browser.cookies.get(ACCESS)!.value;
    expect(readToken(second).exp).toBe((readToken(first).exp as number) + 900);
    clock.advance('15m');
    const renewed = await browser.ask('POST /auth/renew');
    expect(renewed.json()).toEqual({
      token_type: 'Bearer',
      expires_in: 1800,
      renew_after: 900,
      session_expires_in: expect.any(Number),
      session_id: expect.any(String),
    });
    expect([...setCookies(renewed).keys()]).toEqual([ACCESS]);
  });

  it('are cleared by a logout, which ends the session, and by a logout everywhere', async () => {
    const { browser } = await loggedIn();
    const before = new Map(browser.cookies);
    const out = await browser.ask('POST /auth/logout');
    expect([told(out), browser.cookies.size]).toEqual(['204', 0]);
    expect([...setCookies(out).values()].map(({ attributes }) => attributes.Path)).toEqual(['/', '/auth']);
    for (const [name, cookie] of before) browser.cookies.set(name, cookie);
    expect(told(await browser.ask('GET /profile'))).toBe('401 session_revoked');
    expect(told(await browser.ask('POST /auth/refresh'))).toBe('401 session_revoked');
    await browser.ask('POST /login', login);
    expect(told(await browser.ask('POST /auth/logout-all'))).toBe('204');
    expect(browser.cookies.size).toBe(0);
  });

  it('log out by the access token alone too, and by tokens that are over', async () => {
    const { browser, clock } = await loggedIn();
    const before = new Map(browser.cookies);
    browser.cookies.delete(REFRESH);
    clock.advance('1h');
    expect(told(await browser.ask('POST /auth/logout'))).toBe('204');
    for (const [name, cookie] of before) browser.cookies.set(name, cookie);
    expect(told(await browser.ask('POST /auth/refresh'))).toBe('401 session_revoked');
  });

  describe('and pages of other sites', () => {
    const pages: readonly (readonly [string, Record<string, string>])[] = [
      ['a foreign page', { 'sec-fetch-site': 'cross-site', origin: EVIL }],
      ['a page of a sibling host', { 'sec-fetch-site': 'same-site', origin: 'https://blog.example' }],
      ['a page with no origin', { origin: 'null' }],
      ['a form of an old browser', { origin: EVIL }],
      ['whoever says nothing', {}],
    ];

    it.each(pages)('%s can neither log in, refresh, renew, log out nor change anything', async (_, page) => {
      const { browser } = await loggedIn();
      const before = new Map(browser.cookies);
      for (const call of [
        'POST /auth/refresh',
        'POST /auth/renew',
        'POST /auth/logout',
        'POST /auth/logout-all',
        'POST /profile',
        'DELETE /auth/sessions',
      ]) {
        const answer = await browser.from(page, call);
        expect([call, told(answer), answer.headers['set-cookie']]).toEqual([call, '403 forbidden', undefined]);
      }
      const foreign = await browser.from(page, 'POST /login', login);
      expect([told(foreign), foreign.headers['set-cookie']]).toEqual(['403 forbidden', undefined]);
      expect(browser.cookies).toEqual(before);
      expect(told(await browser.ask('POST /auth/refresh'))).toBe('200 ok');
    });

    it.each([
      ['of the service, by an old browser', { origin: new URL(ISSUER).origin }],
      ['of an allowed origin', { 'sec-fetch-site': 'cross-site', origin: SHOP }],
    ])('a page %s can', async (_, page) => {
      const { browser } = await loggedIn({ allowedOrigins: [SHOP] });
      for (const call of ['POST /auth/refresh', 'POST /profile', 'POST /auth/logout']) {
        expect((await browser.from(page, call)).status).toBeLessThan(300);
      }
      expect(told(await browser.from(page, 'POST /login', login))).toBe('201 ok');
    });

    it.each<[string, Record<string, string>]>([
      ['a form elsewhere', { origin: EVIL, 'sec-fetch-site': 'cross-site' }],
      ['a form elsewhere, in an old browser', { origin: EVIL }],
      ['who does not say where it is', {}],
    ])('cannot sign its visitor in as its author, by a refresh token in the body: %s', async (_, headers) => {
      const { browser, refresh } = await loggedIn();
      const answer = await refresh(browser.cookies.get(REFRESH)!.value, headers);
      expect([told(answer), answer.headers['set-cookie']]).toEqual(['403 forbidden', undefined]);
    });

    it('can still link here: what changes nothing needs no origin', async () => {
      const { browser } = await loggedIn();
      expect(told(await browser.from({ 'sec-fetch-site': 'cross-site' }, 'GET /profile'))).toBe('200 ok');
    });

    it('do not concern clients with tokens in bodies', async () => {
      const { ask, login: byBody, refresh } = await start();
      const { access_token: token, refresh_token: refreshToken } = await byBody();
      expect(told(await ask('POST /profile', { token, headers: { origin: EVIL } }))).toBe('204');
      expect(told(await refresh(refreshToken, { origin: EVIL }))).toBe('200 ok');
    });
  });

  it('are ignored where a header or body brings a token, not merged with it', async () => {
    const { browser, ask, login: byBody } = await loggedIn();
    const body = await byBody();
    const seen = await browser.ask('GET /auth/sessions', { token: body.access_token });
    expect(
      seen.json<{ sessions: { id: string; current: boolean }[] }>().sessions.find(({ current }) => current)?.id,
    ).toBe(body.session_id);
    expect(told(await browser.ask('GET /profile', { token: 'garbage' }))).toBe('401 token_invalid');
    const turned = await browser.ask('POST /auth/refresh', { body: { refresh_token: body.refresh_token } });
    expect([turned.json().session_id, turned.headers['set-cookie']]).toEqual([body.session_id, undefined]);
    const out = await browser.ask('POST /auth/logout', { token: body.access_token });
    expect([told(out), out.headers['set-cookie']]).toEqual(['204', undefined]);
    expect(told(await browser.ask('GET /profile'))).toBe('200 ok');
    expect(told(await ask('GET /profile', { token: body.access_token }))).toBe('401 session_revoked');
  });

  it('keep a session in cookies whose refresh token came in a body, and the other way round', async () => {
    const { browser, refresh, login: byBody } = await loggedIn();
    const moved = await refresh(browser.cookies.get(REFRESH)!.value, { 'sec-fetch-site': 'same-origin' });
    expect([told(moved), JWT_SHAPE.test(moved.text), [...setCookies(moved).keys()]]).toEqual([
      '200 ok',
      false,
      [ACCESS, REFRESH],
    ]);
    const { access_token: access, refresh_token: token } = await byBody();
    browser.cookies.set(ACCESS, { value: access!, attributes: { Path: '/' } });
    browser.cookies.set(REFRESH, { value: token!, attributes: { Path: '/auth' } });
    const answer = await browser.ask('POST /auth/refresh');
    expect([answer.headers['set-cookie'], answer.json().refresh_token]).toEqual([undefined, expect.any(String)]);
  });

  it('are not read where no client has them', async () => {
    const { ask, login: byBody } = await start({ clients: {} });
    const { access_token: token } = await byBody();
    expect(told(await ask('GET /profile', { headers: { cookie: `${ACCESS}=${token}` } }))).toBe('401 token_missing');
  });

  it('are for a whole domain if it is given, and then not bound to one host', async () => {
    const { answer, browser } = await loggedIn({ cookies: { domain: 'shop.example', sameSite: 'lax' } });
    const cookies = setCookies(answer);
    expect([...cookies.keys()]).toEqual(['__Secure-access_token', REFRESH, '__Host-session']);
    for (const { attributes } of cookies.values()) {
      expect(attributes).toMatchObject({ SameSite: 'Lax', Secure: '', HttpOnly: '' });
    }
    expect([...cookies.values()].map(({ attributes }) => [attributes.Path, attributes.Domain])).toEqual([
      ['/', 'shop.example'],
      ['/auth', undefined],
      ['/', undefined],
    ]);
    expect(told(await browser.ask('GET /profile'))).toBe('200 ok');
    expect(told(await browser.ask('POST /auth/refresh'))).toBe('200 ok');
    expect(told(await browser.ask('POST /auth/logout'))).toBe('204');
    expect(browser.cookies.size).toBe(0);
  });

  it('that a browser would drop for their length are refused when they are made', async () => {
    const audience = Array.from({ length: 75 }, (_, index) => `https://a-long-name-of-a-shop-${index}.example`);
    const { browser } = await start({ audience });
    const answer = await browser.ask('POST /login', login);
    expect([answer.status, 'set-cookie' in answer.headers]).toEqual([500, false]);
  });

  it('live as long as their client says', async () => {
    const clients = { web: { transport: 'cookie', accessTtl: '5m', idleTtl: '1h', absoluteTtl: '8h' } } as const;
    const { answer } = await loggedIn({ clients });
    expect(answer.json()).toMatchObject({ expires_in: 300, refresh_token_expires_in: 3600 });
    expect(setCookies(answer).get(ACCESS)!.attributes['Max-Age']).toBe(String(8 * 3600));
  });

  it('end with the browser where the options say so, also after a refresh', async () => {
    const { answer, browser } = await loggedIn({ cookies: { persistent: false } });
    for (const given of [answer, await browser.ask('POST /auth/refresh')]) {
      for (const name of [ACCESS, REFRESH])
        expect(setCookies(given).get(name)!.attributes).not.toHaveProperty('Max-Age');
    }
    expect(answer.json()).toMatchObject({ refresh_token_expires_in: 86_400 });
  });

  it('end with the browser where the login says so, after a refresh and a renewal too: others may sit down there', async () => {
    const { browser, clock } = await start();
    const answers = [await browser.ask('POST /login', { body: { ...login.body, persistent: false } })];
    answers.push(await browser.ask('POST /auth/refresh'));
    clock.advance('15m');
    answers.push(await browser.ask('POST /cart'));
    clock.advance('15m');
    answers.push(await browser.ask('POST /auth/renew'));
    const lasting = answers.map((answer) =>
      [...setCookies(answer)].map(([name, { attributes }]) => [name, 'Max-Age' in attributes]),
    );
    const both = [
      [ACCESS, false],
      [REFRESH, false],
    ];
    expect(lasting).toEqual([both, both, [[ACCESS, false]], [[ACCESS, false]]]);
  });

  it('work without a store as well, by the client in the token', async () => {
    const { browser, answer, clock } = await loggedIn({}, undefined, { strategy: 'access-sliding', store: undefined });
    expect([...setCookies(answer).keys()]).toEqual([ACCESS]);
    clock.advance('20m');
    expect([...setCookies(await browser.ask('POST /cart')).keys()]).toEqual([ACCESS]);
    clock.advance('20m');
    expect(told(await browser.ask('GET /profile'))).toBe('200 ok');
    expect(told(await browser.ask('POST /auth/logout'))).toBe('204');
    expect(browser.cookies.size).toBe(0);
  });

  describe('CORS', () => {
    const cors = (app: INestApplication) => app.enableCors(corsOptions(app.get(AUTH_POLICY)));
    const preflight = (origin: string) => ({
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'idempotency-key' },
    });

    it('lets the allowed origins in by name, with cookies, and lets them read what they need', async () => {
      const { ask } = await start({ allowedOrigins: [SHOP] }, cors);
      const asked = await ask('OPTIONS /auth/refresh', preflight(SHOP));
      expect(asked.status).toBe(204);
      expect(asked.headers).toMatchObject({
        'access-control-allow-origin': SHOP,
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': expect.stringContaining('Idempotency-Key'),
      });
      const answer = await ask('POST /auth/refresh', { headers: { origin: SHOP } });
      expect(answer.headers['access-control-expose-headers']).toBe(
        'Renewed-Access-Token, Renewed-Access-Token-Expires-In, Retry-After, WWW-Authenticate'.replaceAll(
          ', ',
          adapter === 'express' ? ',' : ', ',
        ),
      );
    });

    it.each([EVIL, 'null', `${SHOP}.evil.example`])('tells %s nothing: no wildcard, no reflection', async (origin) => {
      const { ask } = await start({ allowedOrigins: [SHOP] }, cors);
      for (const answer of [
        await ask('OPTIONS /auth/refresh', preflight(origin)),
        await ask('GET /profile', { headers: { origin } }),
      ]) {
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
    });

    it('needs no credentials where no client has cookies', async () => {
      const { ask } = await start({ allowedOrigins: [SHOP], clients: {} }, cors);
      const { headers } = await ask('OPTIONS /auth/refresh', preflight(SHOP));
      expect([headers['access-control-allow-origin'], headers['access-control-allow-credentials']]).toEqual([
        SHOP,
        undefined,
      ]);
    });
  });
});
