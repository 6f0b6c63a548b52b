import type { AuthModuleOptions } from '../../src/index.js';
import { generateKeys } from '../../src/index.js';
import { KeyRing } from '../../src/tokens/key-ring.js';
import type { Answer, RunningApp } from '../support/adapters.js';
import { Browser } from '../support/browser.js';
import { keys } from '../support/auth-library.js';
import { credentials, startHost } from '../support/own-users-host.js';

const ACCESS = '__Host-access_token';
const REFRESH = '__Secure-refresh_token';

const running: RunningApp[] = [];
afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

const told = ({ status, text }: Answer): string =>
  text.startsWith('{') ? `${status} ${(JSON.parse(text) as { code?: string }).code ?? 'ok'}` : String(status);

const login = { body: { ...credentials, client_id: 'web' } };

/** A user and a thief, each with a session in a browser of their own, and a call with cookies as somebody has set them. */
async function twoBrowsers(options: Partial<AuthModuleOptions> = {}) {
  const host = await startHost('fastify', () => ({ clients: { web: { transport: 'cookie' } }, ...options }));
  running.push(host);
  const openedBy = async () => {
    const browser = new Browser(host);
    const { session_id: sid } = (await browser.ask('POST /login', login)).json<{ session_id: string }>();
    const value = (name: string) => `${name}=${browser.cookies.get(name)!.value}`;
    return { browser, sid, value };
  };
  const [owner, thief] = [await openedBy(), await openedBy()];
  const withCookies = (call: string, ...pairs: string[]) =>
    host.ask(call, { headers: { cookie: pairs.join('; '), 'sec-fetch-site': 'same-origin' } });
  return { ...host, owner, thief, withCookies };
}

describe('a refresh cookie that a sibling host has set', () => {
  it('counts for nothing alone, though its token verifies, and changes nothing', async () => {
    const { thief, withCookies } = await twoBrowsers();
    const answer = await withCookies('POST /auth/refresh', thief.value(REFRESH));
    expect([told(answer), answer.headers['set-cookie']]).toEqual(['401 token_missing', undefined]);
    expect(told(await thief.browser.ask('POST /auth/refresh'))).toBe('200 ok');
  });

  it("counts for nothing beside the owner's access cookie either", async () => {
    const { owner, thief, withCookies } = await twoBrowsers();
    expect(told(await withCookies('POST /auth/refresh', owner.value(ACCESS), thief.value(REFRESH)))).toBe(
      '401 token_missing',
    );
  });

  it.each(['before', 'behind'])("does not take the place of the owner's own, whether it comes %s it", async (place) => {
    const { owner, thief, withCookies } = await twoBrowsers();
    const pairs = [thief.value(REFRESH), owner.value(REFRESH)];
    if (place === 'behind') pairs.reverse();
    const answer = await withCookies('POST /auth/refresh', owner.value(ACCESS), ...pairs);
    expect([answer.status, answer.json().session_id]).toEqual([200, owner.sid]);
  });

  it('ends at a logout with the session of the owner, and keeps nobody from logging out', async () => {
    const { owner, thief, withCookies } = await twoBrowsers();
    const pairs = [owner.value(ACCESS), thief.value(REFRESH), owner.value(REFRESH), `${REFRESH}=garbage`];
    const out = await withCookies('POST /auth/logout', ...pairs);
    expect([told(out), out.headers['set-cookie']!.length]).toEqual(['204', 2]);
    for (const { browser } of [owner, thief]) {
      expect(told(await browser.ask('POST /auth/refresh'))).toBe('401 session_revoked');
    }
  });

  it.each([
    ['whose signature is another', (token: string) => token.replace(/.{4}$/, 'AAAA')],
    ['that is no token', () => 'x'],
    ['that is a refresh token', (_: string, refresh: string) => refresh],
  ])('is not helped by an access cookie %s', async (_, forge) => {
    const { owner, withCookies } = await twoBrowsers();
    const { value: refresh } = owner.browser.cookies.get(REFRESH)!;
    const forged = forge(owner.browser.cookies.get(ACCESS)!.value, refresh);
    const answer = await withCookies('POST /auth/refresh', `${ACCESS}=${forged}`, owner.value(REFRESH));
    expect(told(answer)).toBe('401 token_missing');
    expect(told(await owner.browser.ask('POST /auth/refresh'))).toBe('200 ok');
  });
});

describe('the cookies of a session', () => {
  it('agree when the access token is long over, and its key is retired', async () => {
    const { owner, clock, app } = await twoBrowsers();
    clock.advance('5d');
    const [access, refresh] = keys.keys;
    const [next] = generateKeys().keys;
    const retired = { ...access, retire_at: new Date(clock.now() - 1).toISOString() };
    app.get(KeyRing).replace({ keys: [retired, next!, refresh!] }, clock.now());
    expect(told(await owner.browser.ask('POST /auth/refresh'))).toBe('200 ok');
    expect(told(await owner.browser.ask('GET /profile'))).toBe('200 ok');
  });

  it('raise no alarm where a browser still has an older one of the same session: the latest is taken', async () => {
    const { owner, clock, withCookies } = await twoBrowsers();
    const older = owner.value(REFRESH);
    clock.advance('1m');
    await owner.browser.ask('POST /auth/refresh');
    clock.advance('1m');
    const answer = await withCookies('POST /auth/refresh', older, owner.value(ACCESS), owner.value(REFRESH));
    expect(told(answer)).toBe('200 ok');
  });

  it.each([
    ['garbage first', (good: string) => [`${ACCESS}=x`, good]],
    ['garbage behind', (good: string) => [good, `${ACCESS}=x`]],
    ['an older token of the same session', (good: string, older: string) => [older, good]],
  ])('open a guarded route though there are two access cookies: %s', async (_, pairs) => {
    const { owner, clock, withCookies } = await twoBrowsers();
    const older = owner.value(ACCESS);
    clock.advance('31m');
    await owner.browser.ask('POST /auth/refresh');
    expect(told(await withCookies('GET /profile', ...pairs(owner.value(ACCESS), older)))).toBe('200 ok');
  });

  it('are never a 400, whatever else bears their names', async () => {
    const { withCookies } = await twoBrowsers();
    const junk = [`${ACCESS}=x`, `${ACCESS}=y`, `${REFRESH}=x`, `${REFRESH}=`, `${REFRESH}=a.b.c`, '=', ';;', ACCESS];
    const answers = ['GET /profile', 'POST /auth/refresh', 'POST /auth/logout'].map((call) =>
      withCookies(call, ...junk),
    );
    expect((await Promise.all(answers)).map(told)).toEqual(['401 token_invalid', '401 token_missing', '204']);
  });

  it('have names that begin with no blank but SP and TAB', async () => {
    const { owner, withCookies } = await twoBrowsers();
    expect(told(await withCookies('GET /profile', `a=b;\t${owner.value(ACCESS)}\t`))).toBe('200 ok');
    expect(told(await withCookies('GET /profile', `a=b;\u00a0${owner.value(ACCESS)}`))).toBe('401 token_missing');
    expect(told(await withCookies('GET /profile', `${owner.value(ACCESS)}\u00a0`))).toBe('401 token_invalid');
  });
});

describe('cookies for a whole domain', () => {
  const DOMAIN_ACCESS = '__Secure-access_token';
  const COMPANION = '__Host-session';
  const options = { cookies: { domain: 'shop.example' } };

  it('refresh by the cookie that only this host can set, since every host can set the access cookie', async () => {
    const { owner, thief, withCookies } = await twoBrowsers(options);
    const both = [owner.value(DOMAIN_ACCESS), owner.value(REFRESH)];
    expect(told(await withCookies('POST /auth/refresh', ...both))).toBe('401 token_missing');
    expect(told(await withCookies('POST /auth/refresh', ...both, thief.value(COMPANION)))).toBe('401 token_missing');
    const forged = owner.value(COMPANION).replace(/.{4}$/, 'AAAA');
    expect(told(await withCookies('POST /auth/refresh', ...both, forged))).toBe('401 token_missing');
    const answer = await withCookies('POST /auth/refresh', ...both, thief.value(REFRESH), owner.value(COMPANION));
    expect([answer.status, answer.json().session_id]).toEqual([200, owner.sid]);
  });

  it('open the session of their owner though a sibling has set an access cookie, too', async () => {
    const { owner, thief, withCookies } = await twoBrowsers(options);
    const two = [thief.value(DOMAIN_ACCESS), owner.value(DOMAIN_ACCESS), owner.value(COMPANION)];
    const { sessions } = (await withCookies('GET /auth/sessions', ...two)).json<{
      sessions: { id: string; current: boolean }[];
    }>();
    expect(sessions.find(({ current }) => current)!.id).toBe(owner.sid);
  });

  it('have a companion that is no token: it opens and refreshes nothing', async () => {
    const { owner, refresh, ask } = await twoBrowsers(options);
    const { value } = owner.browser.cookies.get(COMPANION)!;
    expect(told(await refresh(value))).toBe('401 token_invalid');
    expect(told(await ask('GET /profile', { token: value }))).toBe('401 token_invalid');
  });
});

describe('cookies without TLS, for development', () => {
  it('have no security prefix and no Secure, and the same rules', async () => {
    const { owner, thief, withCookies } = await twoBrowsers({
      issuer: 'http://localhost:3000',
      cookies: { insecure: true },
    });
    expect([...owner.browser.cookies.keys()]).toEqual(['access_token', 'refresh_token']);
    for (const { attributes } of owner.browser.cookies.values()) expect(attributes).not.toHaveProperty('Secure');
    expect(told(await owner.browser.ask('GET /profile'))).toBe('200 ok');
    expect(told(await owner.browser.ask('POST /auth/refresh'))).toBe('200 ok');
    expect(told(await withCookies('POST /auth/refresh', thief.value('refresh_token')))).toBe('401 token_missing');
  });
});

describe('two applications on one host', () => {
  it('do not log each other out where each has a prefix of its own', async () => {
    const start = async (prefix: string) => {
      const clients = { web: { transport: 'cookie' as const } };
      const host = await startHost('fastify', () => ({ clients, cookies: { prefix } }));
      running.push(host);
      return host;
    };
    const [shop, staging] = [await start(''), await start('staging_')];
    const one = new Browser(shop);
    const other = new Browser(staging, one.cookies);
    for (const browser of [one, other]) await browser.ask('POST /login', login);
    expect([...one.cookies.keys()].sort()).toEqual(
      [ACCESS, REFRESH, '__Host-staging_access_token', '__Secure-staging_refresh_token'].sort(),
    );
    for (const browser of [one, other]) expect(told(await browser.ask('POST /auth/refresh'))).toBe('200 ok');
    expect(told(await one.ask('POST /auth/logout'))).toBe('204');
    expect(told(await one.ask('GET /profile'))).toBe('401 token_missing');
    expect(told(await other.ask('GET /profile'))).toBe('200 ok');
    expect(told(await other.ask('POST /auth/refresh'))).toBe('200 ok');
  });
});
