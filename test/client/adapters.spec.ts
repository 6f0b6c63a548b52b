import { createHash, createHmac, randomBytes } from 'node:crypto';
// Angular's packages are compiled on loading where no bundler did it.
// oxlint-disable-next-line import/no-unassigned-import
import '@angular/compiler';
import { HttpHeaders, HttpRequest, HttpResponse, HttpErrorResponse } from '@angular/common/http';
import { create as createAxios } from 'axios';
import ky from 'ky';
import { lastValueFrom, Observable } from 'rxjs';
import { sessionInterceptor } from '../../src/client/angular.js';
import { withSession } from '../../src/client/axios.js';
import { keyStore } from '../../src/client/expo.js';
import { sessionOptions } from '../../src/client/ky.js';
import { nextSessions } from '../../src/client/next.js';
import type { Session } from '../../src/client/index.js';
import { eventually } from '../support/eventually.js';
import { useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();
const refreshes = () => host.proxy.seen('/auth/refresh');

/** Sends as Angular's own backend does: an answer that is no success is an error. */
const backend = (request: HttpRequest<unknown>): Observable<HttpResponse<unknown>> =>
  new Observable((observer) => {
    const { method, urlWithParams: url, headers, body } = request;
    fetch(url, {
      method,
      headers: headers.keys().map((name) => [name, headers.get(name)!]),
      body: body as string,
    }).then(
      async (response) => {
        const text = await response.text();
        const init = { status: response.status, url: response.url, headers: new HttpHeaders(response.headers) };
        if (!response.ok) return observer.error(new HttpErrorResponse({ ...init, error: JSON.parse(text) }));
        observer.next(new HttpResponse({ ...init, body: JSON.parse(text) }));
        observer.complete();
      },
      (error: unknown) => observer.error(error),
    );
  });

const byAngular = async (session: Session, method: 'GET' | 'POST', url: string, body?: object): Promise<unknown> => {
  const intercept = sessionInterceptor(session);
  const headers = new HttpHeaders({ 'content-type': 'application/json' });
  const request = new HttpRequest<unknown>(method as 'POST', url, JSON.stringify(body), { headers });
  const event = await lastValueFrom(intercept(request, backend));
  return event.body;
};

type Call = (session: Session, method: 'GET' | 'POST', url: string, body?: object) => Promise<unknown>;
const LIBRARIES: [string, Call][] = [
  [
    'axios',
    async (session, method, url, data) =>
      (await withSession(createAxios(), session).request<unknown>({ method, url, data })).data,
  ],
  ['ky', (session, method, url, json) => ky.create(sessionOptions(session))(url, { method, json }).json()],
  ['angular', byAngular],
];

describe.each(LIBRARIES)('the session in %s', (_, call) => {
  const url = (path: string) => new URL(path, host.url).href;

  it('refreshes when the token is over, by its clock or by a 401, and sends the request again', async () => {
    const now = host.clock.now();
    const session = await sessions.login({ now: () => now });
    host.clock.advance('31m');
    const body = { sum: 4180 };
    expect(await call(session, 'POST', url('/shop/items'), body)).toEqual({ sub: sessions.credentials.email, body });
    expect(refreshes()).toHaveLength(1);
  });

  it('waits for the password, and says of other answers what the library says', async () => {
    const session = await sessions.login();
    host.clock.advance('10m');
    session.on('reauthenticate', () => session.reauthenticate(sessions.credentials.password));
    expect(await call(session, 'POST', url('/shop/pay'), {})).toMatchObject({ paid: sessions.credentials.email });
    await expect(call(session, 'GET', url('/shop/nothing'))).rejects.toMatchObject(
      _ === 'angular' ? { status: 404 } : { response: { status: 404 } },
    );
  });
});

describe('the session on a phone', () => {
  it('keeps tokens and secret in the key store, and derives the key of an attempt by digests alone', async () => {
    const kept = new Map<string, string>();
    const store = {
      getItemAsync: async (key: string) => kept.get(key) ?? null,
      setItemAsync: async (key: string, value: string) => void kept.set(key, value),
      deleteItemAsync: async (key: string) => void kept.delete(key),
    };
    const crypto = {
      digest: async (_: never, data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest()).buffer,
      getRandomBytes: (count: number) => new Uint8Array(randomBytes(count)),
    };
    const { storage, deviceSecret } = keyStore(store, crypto);
    const session = await sessions.login({ storage, deviceSecret });
    expect([...kept.keys()].every((key) => /^[\w.-]+$/.test(key))).toBe(true);
    host.clock.advance('31m');
    const { refresh_token: spent } = JSON.parse(host.proxy.seen('/auth/login').at(-1)!.answer!) as {
      refresh_token: string;
    };
    // The app is killed before the answer is stored, and comes back with what it had.
    const before = new Map(kept);
    await session.accessToken();
    before.forEach((value, key) => kept.set(key, value));
    const restarted = sessions.make(keyStore(store, crypto));
    expect((await restarted.fetch('/shop/cart')).status).toBe(200);
    const mac = createHmac('sha256', kept.get('keyturn-key')!.replaceAll('"', '')).update(spent).digest('hex');
    expect(refreshes().map(({ headers }) => headers['idempotency-key'])).toEqual([mac, mac]);
    await restarted.logout();
    expect([...kept.keys()]).toEqual(['keyturn-key']);
  });
});

describe('the session of a Next.js application', () => {
  const secrets = { k1: 'a secret of the server, 32 characters long' };
  const k2 = 'a newer secret of the server, 32 characters';
  /** The cookies of a request; a server component cannot set any. */
  const jar = (value?: string, writable = true) => {
    const cookies = new Map(value === undefined ? [] : [['keyturn-session', value]]);
    return {
      cookies,
      get: (name: string) => (cookies.has(name) ? { value: cookies.get(name)! } : undefined),
      set: (name: string, next: string) => {
        if (!writable) throw new Error('Cookies can only be modified in a Server Action or Route Handler.');
        cookies.set(name, next);
      },
    };
  };
  const appOf = (own: Record<string, string> = secrets) => nextSessions({ url: host.url, secrets: own });
  /** What a jar has, as a request would send it. */
  const valueOf = (action: ReturnType<typeof jar>) => action.cookies.get('keyturn-session')!;
  const refreshOf = (value: string) => (JSON.parse(value) as { refresh: string }).refresh;
  const loggedIn = async (own?: Record<string, string>): Promise<string> => {
    const action = jar();
    await appOf(own).of(action).login(sessions.credentials);
    return valueOf(action);
  };
  /** As it looks some time later by the clock of this machine; the access token lives for half an hour. */
  const after = (minutes: number, value: string): string =>
    JSON.stringify({ ...(JSON.parse(value) as object), at: Date.now() - minutes * 60_000 });
  const over = (value: string) => after(60, value);
  const mac = (secret: string, value: string) => createHmac('sha256', secret).update(refreshOf(value)).digest('hex');
  const attempts = () => refreshes().map(({ headers }) => headers['idempotency-key']);

  /** What the middleware makes of a request: what the components get, and what the browser gets. */
  const throughMiddleware = async (value: string, sent: Record<string, string> = {}, pathname = '/') => {
    const request = { cookies: jar(value), headers: new Headers(sent), nextUrl: { pathname } };
    const set: string[] = [];
    const NextResponse = {
      next: (init: { request: typeof request }) => ({
        forwarded: init.request,
        headers: new Headers(),
        cookies: { set: (_: string, next: string) => void set.push(next) },
      }),
    };
    const { forwarded, headers } = await appOf().middleware(request, NextResponse);
    return { components: jar(valueOf(forwarded.cookies), false), cacheControl: headers.get('cache-control'), set };
  };

  it('middleware, three components and an action that refresh at once all get the same successor', async () => {
    const value = over(await loggedIn());
    const action = jar(value);
    const components = [1, 2, 3].map(() => appOf().of(jar(value, false)).fetch('/shop/cart'));
    const [{ set }, ...answers] = await Promise.all([
      throughMiddleware(value),
      ...components,
      appOf().of(action).fetch('/shop/cart'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const successors = refreshes().map(
      ({ answer }) => (JSON.parse(answer!) as { refresh_token: string }).refresh_token,
    );
    expect(successors).toHaveLength(5);
    expect(new Set(successors)).toEqual(new Set([refreshOf(valueOf(action)), refreshOf(set[0]!)]));
  });

  it('says that a cookie is too large: browsers drop it without a word, and nobody knew why users are signed out', async () => {
    const told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const answer = { session_id: 's', token_type: 'Bearer', expires_in: 1800, refresh_token_expires_in: 9000 } as const;
    // Next.js writes quotes as %22: with the first token the cookie just fits, with the second it does not.
    for (const length of [3800, 4000]) {
      const action = jar();
      await appOf()
        .of(action)
        .adopt({ ...answer, access_token: 'a'.repeat(length), refresh_token: 'r' });
    }
    expect(told.mock.calls).toEqual([[expect.stringMatching(/^keyturn-session: \d+ bytes, and browsers keep/)]]);
    told.mockRestore();
  });

  it('middleware hands its tokens to the components of the same request', async () => {
    const { components, cacheControl, set } = await throughMiddleware(over(await loggedIn()));
    expect(valueOf(components)).toBe(set[0]);
    expect(cacheControl).toBe('private, no-store');
    expect((await appOf().of(components).fetch('/shop/cart')).status).toBe(200);
    expect(refreshes()).toHaveLength(1);
  });

  it('middleware refreshes a token that would end while the page is made, since a component cannot store a new one', async () => {
    const value = await loggedIn();
    expect((await throughMiddleware(after(28.5, value))).set).toEqual([]);
    expect((await throughMiddleware(after(29.5, value))).set).toHaveLength(1);
  });

  describe('middleware, with a token that still serves', () => {
    afterEach(() => {
      host.proxy.fault = () => undefined;
      jest.restoreAllMocks();
    });
    const soonOver = async () => after(29.5, await loggedIn());
    /** Hands over what waits for a time, in place of waiting. */
    const passing = (isMeant: (ms: number) => boolean, take: (work: () => void) => void) => {
      const { setTimeout: wait } = globalThis;
      const instead = (work: () => void, ms = 0) => (isMeant(ms) ? take(work) : wait(work, ms));
      jest.spyOn(globalThis, 'setTimeout').mockImplementation(instead as typeof setTimeout);
    };

    it('waits for an answer that is slow: it has spent the token of the cookie, and could be stored nowhere else', async () => {
      host.proxy.fault = ({ path }) => (path === '/auth/refresh' ? { kind: 'late', ms: 1500 } : undefined);
      const value = await soonOver();
      const { set } = await throughMiddleware(value);
      expect(set).toHaveLength(1);
      expect(refreshOf(set[0]!)).not.toBe(refreshOf(value));
    });

    it('goes on without an answer after five seconds', async () => {
      const value = await soonOver();
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const asked = new Promise<void>((resolve) => {
        host.proxy.fault = () => (resolve(), { kind: 'hold', release: held });
      });
      passing(
        (ms) => ms === 5000,
        (work) => void asked.then(work),
      );
      const { components, set } = await throughMiddleware(value);
      expect(set).toEqual([]);
      expect(valueOf(components)).toBe(value);
      release();
      await eventually(() => refreshes()[0]!.status === 200);
    });

    it('goes on at once where the service fails, and does not try again behind the page', async () => {
      const value = await soonOver();
      host.proxy.fault = () => ({ kind: 'answer', status: 503, body: '{}' });
      const tries: (() => void)[] = [];
      // The pauses between tries are the only times with jitter.
      passing(
        (ms) => !Number.isInteger(ms),
        (work) => void tries.push(work),
      );
      const { components, set } = await throughMiddleware(value);
      host.proxy.fault = () => undefined;
      expect(set).toEqual([]);
      expect(valueOf(components)).toBe(value);
      expect(tries).toHaveLength(1);
      tries[0]!();
      await loggedIn();
      expect(refreshes()).toHaveLength(1);
    });
  });

  it.each([
    ['a prefetch', { purpose: 'prefetch' }, '/'],
    ['a prerendering', { 'sec-purpose': 'prefetch;prerender' }, '/'],
    ['a file of Next.js', {}, '/_next/static/chunks/main.js'],
  ])('middleware does not refresh for %s', async (_, sent, path) => {
    const value = over(await loggedIn());
    const { components, cacheControl, set } = await throughMiddleware(value, sent, path);
    expect(valueOf(components)).toBe(value);
    expect([cacheControl, set, refreshes()]).toEqual([null, [], []]);
  });

  it('a component never refreshes with what it could not store', async () => {
    const value = over(await loggedIn());
    const component = appOf().of(jar(value, false));
    expect((await component.fetch('/shop/cart')).status).toBe(200);
    host.clock.advance('31m');
    expect((await component.fetch('/shop/cart')).status).toBe(200);
    const presented = refreshes().map(({ body }) => (JSON.parse(body) as { refresh_token: string }).refresh_token);
    expect(presented).toEqual([refreshOf(value), refreshOf(value)]);
    expect(new Set(attempts()).size).toBe(1);
  });

  it('derives by the secret that the cookie names, and by a new one only what was received after it', async () => {
    const value = over(await loggedIn());
    const action = jar(value);
    await appOf({ k2, ...secrets })
      .of(action)
      .accessToken();
    const next = over(valueOf(action));
    await appOf({ k2 }).of(jar(next)).accessToken();
    expect(attempts()).toEqual([mac(secrets.k1, value), mac(k2, next)]);
  });

  it('goes on with the secret of a refresh token when only the access token is new', async () => {
    const value = await loggedIn();
    const action = jar(value);
    host.clock.advance('16m');
    // A route that slides: the answer renews the access token.
    await appOf({ k2, ...secrets })
      .of(action)
      .fetch('/shop/items', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    expect(valueOf(action)).not.toBe(value);
    await appOf({ k2, ...secrets })
      .of(jar(over(valueOf(action))))
      .accessToken();
    expect(attempts()).toEqual([mac(secrets.k1, value)]);
  });

  it('lives on where the secret that the cookie names is gone', async () => {
    const value = over(await loggedIn());
    expect((await appOf({ k2 }).of(jar(value)).fetch('/shop/cart')).status).toBe(200);
    expect(attempts()).toEqual([mac(k2, value)]);
  });

  it.each(['', 'null', '7', '{"sid":', 'of another application'])(
    'takes the cookie %j for no session',
    async (value) => {
      const session = appOf().of(jar(value));
      expect(await session.accessToken()).toBeUndefined();
      expect(session.state).toBe('out');
    },
  );

  it('says why it is over, also to the next request, until somebody signs in', async () => {
    const action = jar(over(await loggedIn()));
    const { email } = sessions.credentials;
    for (const { sid } of await host.sessions.list(email)) await host.sessions.revoke(email, sid);
    const component = appOf().of(jar(valueOf(action), false));
    expect((await component.fetch('/shop/cart')).status).toBe(401);
    expect(component.ended).toMatchObject({ code: 'session_revoked' });
    await appOf().of(action).accessToken();
    expect(appOf().of(action).ended).toMatchObject({ code: 'session_revoked' });
    const again = appOf().of(action);
    await again.login(sessions.credentials);
    expect(again.ended).toBeUndefined();
  });

  it('takes the cookie away at a logout', async () => {
    const ages: number[] = [];
    const { get, set, cookies } = jar(await loggedIn());
    const writable = {
      get,
      set: (name: string, next: string, { maxAge }: { maxAge: number }) => {
        ages.push(maxAge);
        set(name, next);
      },
    };
    await appOf().of(writable).logout();
    expect([cookies.get('keyturn-session'), ages]).toEqual(['', [0]]);
  });

  it('does not start without a secret, with a short one, or with ids that JavaScript would put in another order', () => {
    expect(() => appOf({})).toThrow('secrets: give at least one secret, each of 32 characters or more');
    expect(() => appOf({ k1: 'short' })).toThrow('secrets');
    expect(() => appOf({ k1: secrets.k1, 2: k2 })).toThrow('secrets: an id must not be a number');
  });
});
