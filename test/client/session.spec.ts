import { createHmac } from 'node:crypto';
import { SessionError } from '../../src/client/index.js';
import type { StoredSession } from '../../src/client/index.js';
import type { ClientHost } from '../support/client-host.js';
import { eventually } from '../support/eventually.js';
import { giving, openDoor } from '../support/front-door.js';
import { JWT_SHAPE } from '../support/jwt-shape.js';
import { nameIn, openStorage, useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();

const refreshes = () => host.proxy.seen('/auth/refresh');
const cart = () => host.proxy.seen('/shop/cart');
const bodyOf = <T>(text = '{}'): T => JSON.parse(text) as T;
/** Spoils only the first request to a path. */
const once = (path: string, fault: ReturnType<ClientHost['proxy']['fault']>) => {
  let spoiled = false;
  host.proxy.fault = (request) => {
    if (spoiled || request.path !== path) return undefined;
    spoiled = true;
    return fault;
  };
};
const html = { 'content-type': 'text/html' };

describe('a session: from login to logout', () => {
  it('logs in, calls the shop with the access token, and refreshes when that is over', async () => {
    const session = await sessions.login();
    expect(session.state).toBe('in');
    expect(await (await session.fetch('/shop/cart')).json()).toEqual({ sub: sessions.credentials.email });
    host.clock.advance('31m');
    expect((await session.fetch('/shop/cart')).status).toBe(200);
    expect(refreshes()).toHaveLength(1);
  });

  it('says why a login is refused, and stays signed out', async () => {
    const session = sessions.make();
    const refused = session.login({ ...sessions.credentials, password: 'wrong' });
    await expect(refused).rejects.toThrow(SessionError);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_credentials', status: 401 });
    expect(await session.accessToken()).toBeUndefined();
    expect(session.state).toBe('out');
  });

  it('goes on after a reload with what was stored', async () => {
    const { storage } = openStorage();
    await sessions.login({ storage });
    const reloaded = sessions.make({ storage });
    expect(reloaded.state).toBe('unknown');
    expect((await reloaded.fetch('/shop/cart')).status).toBe(200);
    expect(reloaded.state).toBe('in');
    expect(refreshes()).toHaveLength(0);
  });

  it('ends the session at the service when the user logs out, and forgets the tokens', async () => {
    const { storage, kept } = openStorage();
    const session = await sessions.login({ storage });
    const { refresh } = kept[nameIn(kept)] as StoredSession;
    await session.logout();
    expect(session.state).toBe('out');
    expect(JSON.stringify(kept)).not.toContain(refresh);
    expect(await host.sessions.list(sessions.credentials.email)).toHaveLength(0);
  });

  it('ends the sessions of all devices when the user asks for it, with a token that is not over', async () => {
    await sessions.login();
    const session = await sessions.login();
    host.clock.advance('31m');
    await session.logout({ everywhere: true });
    expect(await host.sessions.list(sessions.credentials.email)).toHaveLength(0);
  });

  it('gives a token that lives as long as it is needed', async () => {
    const session = await sessions.login();
    const first = await session.accessToken();
    host.clock.advance('20m');
    expect(await session.accessToken({ minLife: 300 })).toBe(first);
    expect(await session.accessToken({ minLife: 900 })).not.toBe(first);
  });

  it('tells of the absolute end before it comes, also by the answer of a login', async () => {
    const session = sessions.make();
    await session.adopt({
      access_token: 'a',
      token_type: 'Bearer',
      expires_in: 1800,
      session_expires_in: 3600,
      session_id: 's',
    });
    expect(session.state).toBe('in');
    await expect(session.adopt({ token_type: 'Bearer', expires_in: 1, session_id: 's' })).rejects.toMatchObject({
      code: 'unexpected_answer',
    });
  });
});

describe('a session: the key of an attempt', () => {
  it('is a MAC of the refresh token by the secret of the device, so that a thief of the token cannot make it', async () => {
    const { storage, kept } = openStorage();
    const session = await sessions.login({ storage });
    const { refresh } = kept[nameIn(kept)] as StoredSession;
    await session.accessToken({ minLife: 900 });
    host.clock.advance('31m');
    await session.accessToken();
    const secret = kept['keyturn key'] as string;
    expect(refreshes()[0]!.headers['idempotency-key']).toBe(
      createHmac('sha256', secret).update(refresh!).digest('base64url'),
    );
  });

  it('comes from the device secret of the application, if it has one', async () => {
    const session = await sessions.login({ deviceSecret: async (text) => `from the key store ${text}`.slice(0, 40) });
    host.clock.advance('31m');
    await expect(session.accessToken()).rejects.toMatchObject({ code: 'invalid_request' });
    expect(refreshes()[0]!.headers['idempotency-key']).toMatch(/^from the key store ey/);
  });
});

describe('a session: many at once', () => {
  it('refreshes once for many requests, also for a straggler whose 401 is about an older token', async () => {
    const session = await sessions.login();
    host.clock.advance('31m');
    let release: () => void = () => undefined;
    // By the local clock the token is good: each request finds out by its 401.
    const held = new Promise<void>((resolve) => (release = resolve));
    const { now } = { now: host.clock.now() };
    const early = sessions.make({ now: () => now - 31 * 60_000 });
    await early.login(sessions.credentials);
    host.clock.advance('31m');
    let first = true;
    host.proxy.fault = ({ path }) => {
      if (path !== '/shop/cart' || !first) return undefined;
      first = false;
      return { kind: 'hold', release: held };
    };
    const straggler = early.fetch('/shop/cart');
    const others = await Promise.all([1, 2, 3].map(() => early.fetch('/shop/cart')));
    release();
    expect([...others, await straggler].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(refreshes()).toHaveLength(1);
    expect(session.state).toBe('in');
  });

  it('two tabs that refresh the same token at the same time get the same successor, without any lock', async () => {
    const { storage, kept } = openStorage();
    const one = await sessions.login({ storage });
    const two = sessions.make({ storage });
    await two.accessToken();
    host.clock.advance('31m');
    const answers = await Promise.all([one, two].map((session) => session.fetch('/shop/cart')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const successors = refreshes().map(({ answer }) => bodyOf<{ refresh_token: string }>(answer).refresh_token);
    expect(new Set(successors).size).toBe(1);
    expect((kept[nameIn(kept)] as StoredSession).refresh).toBe(successors[0]);
  });

  it('a tab takes what another tab has put into the storage, and does not refresh', async () => {
    const { storage } = openStorage();
    const one = await sessions.login({ storage });
    const two = sessions.make({ storage });
    await two.accessToken();
    host.clock.advance('31m');
    const token = await one.accessToken();
    expect(await two.accessToken()).toBe(token);
    expect(refreshes()).toHaveLength(1);
  });

  it('a logout during a refresh wins, however late the answer comes', async () => {
    const { storage, kept } = openStorage();
    const session = await sessions.login({ storage });
    host.clock.advance('31m');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    host.proxy.fault = ({ path }) => (path === '/auth/refresh' ? { kind: 'hold', release: held } : undefined);
    const token = session.accessToken();
    await eventually(() => refreshes().length === 1);
    await session.logout();
    release();
    expect(await token).toBeUndefined();
    expect(session.state).toBe('out');
    expect(kept[nameIn(kept)]).toBeUndefined();
    expect(await host.sessions.list(sessions.credentials.email)).toHaveLength(0);
  });
});

describe('a session: bad networks and foreign answers', () => {
  it.each(['lose-request', 'lose-answer', 'double'] as const)('lives on after %s of a refresh', async (kind) => {
    const session = await sessions.login();
    host.clock.advance('31m');
    once('/auth/refresh', { kind });
    expect((await session.fetch('/shop/cart')).status).toBe(200);
    expect(new Set(refreshes().map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    host.clock.advance('31m');
    expect((await session.fetch('/shop/cart')).status).toBe(200);
    expect(session.state).toBe('in');
  });

  it.each([
    ['a page of a captive portal', { status: 200, body: '<html>Welcome</html>', headers: html }],
    ['a 403 of a firewall', { status: 403, body: '<html>Blocked</html>', headers: html }],
    ['a 401 of a proxy', { status: 401, body: '{"error":"proxy"}' }],
    ['a 404 of a balancer', { status: 404, body: '{}' }],
    ['a conflict', { status: 409, body: '{"code":"conflict"}' }],
    ['a 429', { status: 429, body: '{"code":"too_many_attempts"}' }],
    ['a 503', { status: 503, body: '{"code":"store_unavailable"}' }],
  ])('%s in place of a refresh keeps the tokens', async (_, answer) => {
    const session = await sessions.login();
    host.clock.advance('31m');
    once('/auth/refresh', { kind: 'answer', ...answer });
    expect((await session.fetch('/shop/cart')).status).toBe(200);
    expect(session.told.filter(([name]) => name === 'error')).toHaveLength(1);
    expect(session.state).toBe('in');
  });

  it('obeys Retry-After: until then it neither asks nor signs out', async () => {
    const session = await sessions.login();
    host.clock.advance('31m');
    const headers = { 'retry-after': '30' };
    once('/auth/refresh', { kind: 'answer', status: 503, body: '{"code":"store_unavailable"}', headers });
    await expect(session.fetch('/shop/cart')).rejects.toMatchObject({ code: 'store_unavailable', retryAfter: 30 });
    await expect(session.accessToken()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(refreshes()).toHaveLength(1);
    expect(session.state).toBe('in');
  });

  it('uses a token that is not over yet while the service is away', async () => {
    const session = await sessions.login();
    host.clock.advance('29m');
    const headers = { 'retry-after': '30' };
    host.proxy.fault = ({ path }) =>
      path === '/auth/refresh' ? { kind: 'answer', status: 503, body: '{}', headers } : undefined;
    await expect(session.accessToken({ minLife: 600 })).resolves.toMatch(/^ey/);
  });

  it('logs nobody out for a clock that is two hours off', async () => {
    let offset = 0;
    const session = sessions.make({ now: () => host.clock.now() + offset });
    await session.login(sessions.credentials);
    for (const hours of [2, -2, 0]) {
      offset = hours * 3_600_000;
      host.clock.advance('31m');
      expect((await session.fetch('/shop/cart')).status).toBe(200);
    }
    expect(session.state).toBe('in');
  });

  it('signs out at once without a network, and tells the service when there is one', async () => {
    const session = await sessions.login();
    once('/auth/logout', { kind: 'lose-request' });
    await session.logout();
    expect(session.state).toBe('out');
    await eventually(async () => (await host.sessions.list(sessions.credentials.email)).length === 0);
  });

  it('keeps the session in memory where the storage fails, and says so once', async () => {
    const session = sessions.make({ storage: { update: () => Promise.reject(new Error('QuotaExceededError')) } });
    await session.login(sessions.credentials);
    host.clock.advance('31m');
    expect((await session.fetch('/shop/cart')).status).toBe(200);
    expect(session.told.filter(([name]) => name === 'error')).toEqual([
      ['error', expect.objectContaining({ code: 'storage_failed' })],
    ]);
  });
});

describe('a session: its end', () => {
  it('is told with its reason, and forgotten', async () => {
    const { storage, kept } = openStorage();
    const session = await sessions.login({ storage });
    const other = sessions.make({ storage });
    await other.accessToken();
    const sid = (await host.sessions.list(sessions.credentials.email))[0]!.sid;
    await host.sessions.revoke(sessions.credentials.email, sid);
    expect((await session.fetch('/shop/cart')).status).toBe(401);
    const ended = ['ended', { code: 'session_revoked', message: expect.any(String) as string }];
    expect(session.told).toContainEqual(ended);
    expect(session.state).toBe('out');
    expect(JSON.stringify(kept)).not.toMatch(JWT_SHAPE);
    host.clock.advance('31m');
    expect(await other.accessToken()).toBeUndefined();
    expect(other.told).toContainEqual(ended);
  });

  it('is no end for a tab whose refused token is not the stored one any more', async () => {
    const { storage, kept } = openStorage();
    const session = await sessions.login({ storage });
    host.clock.advance('31m');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { refresh } = kept[nameIn(kept)] as StoredSession;
    host.proxy.fault = ({ path, body }) =>
      path === '/auth/refresh' && body.includes(refresh!) ? { kind: 'hold', release: held } : undefined;
    const sid = (await host.sessions.list(sessions.credentials.email))[0]!.sid;
    await host.sessions.revoke(sessions.credentials.email, sid);
    const late = session.accessToken();
    await eventually(() => refreshes().length === 1);
    const other = await sessions.login({ storage });
    release();
    expect(await late).toBeUndefined();
    expect(await session.accessToken()).toBe(await other.accessToken());
    expect(session.state).toBe('in');
    expect(session.told.filter(([name]) => name === 'ended')).toEqual([]);
  });
});

describe('a session: who gets the token, and whose token is taken', () => {
  it.each(['localhost:3001', 'api.shop.example:8443/cart', '/auth', '', process.env.FORGOTTEN_AUTH_URL!])(
    'is not made for %s, which names no origin, and says what to write: "Invalid URL" alone left that to guess',
    (address) => {
      const says = `"${address}": url and apiOrigins begin with https:// or http://`;
      expect(() => sessions.make({ apiOrigins: [address] })).toThrow(says);
      expect(() => sessions.make({ url: address })).toThrow(says);
    },
  );

  it('a renewed token of the shop is taken, and the next request uses it', async () => {
    const session = await sessions.login();
    const before = await session.accessToken();
    host.clock.advance('16m');
    await session.fetch('/shop/items', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    const renewed = await session.accessToken();
    expect(renewed).not.toBe(before);
    await session.fetch('/shop/cart');
    expect(cart().at(-1)!.headers.authorization).toBe(`Bearer ${renewed}`);
    expect(refreshes()).toHaveLength(0);
  });

  it('a foreign origin gets no token, and neither its 401 nor its Renewed-Access-Token counts', async () => {
    const session = await sessions.login();
    const token = await session.accessToken();
    const [, payload] = token!.split('.') as [string, string];
    const claims = bodyOf<{ exp: number }>(Buffer.from(payload, 'base64url').toString());
    const later = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1000 })).toString('base64url');
    const seen: (string | undefined)[] = [];
    const foreign = await openDoor((request, response) => {
      seen.push(request.headers.authorization);
      const headers = { 'renewed-access-token': `x.${later}.y`, 'renewed-access-token-expires-in': '9999' };
      giving({ code: 'token_expired' }, 401, headers)(request, response);
    });
    expect((await session.fetch(foreign.url)).status).toBe(401);
    await foreign.close();
    expect(seen).toEqual([undefined]);
    expect(await session.accessToken()).toBe(token);
    expect(refreshes()).toHaveLength(0);
  });

  it('a straggler with an older login, or of another session, does not undo a reauthentication', async () => {
    const session = await sessions.login();
    const before = await session.accessToken();
    host.clock.advance('16m');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    once('/shop/items', { kind: 'hold', release: held });
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    const straggler = session.fetch('/shop/items', request);
    await eventually(() => host.proxy.seen('/shop/items').length === 1);
    await session.reauthenticate(sessions.credentials.password);
    const fresh = await session.accessToken();
    release();
    expect((await straggler).headers.get('renewed-access-token')).toMatch(/^ey/);
    expect(await session.accessToken()).toBe(fresh);
    expect(fresh).not.toBe(before);
  });

  it('follows no redirect with the token, unless it is told to', async () => {
    const session = await sessions.login();
    await expect(session.fetch('/shop/moved')).rejects.toMatchObject({ message: 'fetch failed' });
    expect((await session.fetch('/shop/moved', { redirect: 'follow' })).status).toBe(200);
  });

  it('hands a redirect on where the request wants it so, as a navigation in a service worker does', async () => {
    const session = await sessions.login();
    const navigation = new Request(new URL('/shop/moved', host.url), { redirect: 'manual' });
    expect((await session.fetch(navigation)).status).toBe(302);
  });
});

describe('a session: what is sent again', () => {
  const pay = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"sum":4180}' };

  it('a request waits for the password, and is sent again when that was given', async () => {
    const session = await sessions.login();
    host.clock.advance('10m');
    const asked: unknown[] = [];
    session.on('reauthenticate', ({ maxAge }) => {
      asked.push(maxAge);
      void session.reauthenticate(sessions.credentials.password);
    });
    const answers = await Promise.all([session.fetch('/shop/pay', pay), session.fetch('/shop/pay', pay)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(asked).toEqual([300]);
  });

  it('a request gets its 401 when the user gives no password, or nobody asks for one', async () => {
    const session = await sessions.login();
    host.clock.advance('10m');
    expect((await session.fetch('/shop/pay', pay)).status).toBe(401);
    session.on('reauthenticate', ({ cancel }) => cancel());
    expect((await session.fetch('/shop/pay', pay)).status).toBe(401);
  });

  it('a wrong password is an error of the call, and the request waits on', async () => {
    const session = await sessions.login();
    host.clock.advance('10m');
    session.on('reauthenticate', async () => {
      await session.reauthenticate('wrong').catch(() => session.reauthenticate(sessions.credentials.password));
    });
    expect((await session.fetch('/shop/pay', pay)).status).toBe(201);
  });

  it('a body that can be read once is sent after the refresh, and once', async () => {
    const session = await sessions.login();
    host.clock.advance('30m');
    const body = new Blob(['{"sum":4180}']).stream();
    const answer = await session.fetch('/shop/items', { ...pay, body, duplex: 'half' });
    expect(answer.status).toBe(201);
    expect(host.proxy.exchanges.slice(-2).map(({ path }) => path)).toEqual(['/auth/refresh', '/shop/items']);
  });

  it('a Request with a body is sent again after a 401', async () => {
    const now = host.clock.now();
    const session = await sessions.login({ now: () => now });
    host.clock.advance('31m');
    const answer = await session.fetch(new Request(new URL('/shop/items', host.url), pay));
    expect(await answer.json()).toEqual({ sub: sessions.credentials.email, body: { sum: 4180 } });
    expect(refreshes()).toHaveLength(1);
  });

  it('a Request of another class than the global one, such as that of undici, is no text either', async () => {
    const session = await sessions.login();
    const { Request } = globalThis;
    const headers = { 'content-type': 'application/json' };
    const request = new Request(new URL('/shop/items', host.url), { method: 'POST', headers, body: '{"sum":1}' });
    globalThis.Request = class extends Request {};
    try {
      expect(await (await session.fetch(request)).json()).toMatchObject({ body: { sum: 1 } });
    } finally {
      globalThis.Request = Request;
    }
  });

  it('a request is sent again once, whatever the answer is then', async () => {
    const session = await sessions.login();
    host.proxy.fault = ({ path }) =>
      path === '/shop/cart' ? { kind: 'answer', status: 401, body: '{"code":"token_expired"}' } : undefined;
    expect((await session.fetch('/shop/cart')).status).toBe(401);
    expect(cart()).toHaveLength(2);
    expect(refreshes()).toHaveLength(1);
  });
});
