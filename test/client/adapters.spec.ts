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
import { startClientHost, type ClientHost } from '../support/client-host.js';
import { ClientSessions } from './client-sessions.js';

let host: ClientHost;
beforeAll(async () => {
  host = await startClientHost({ grace: '0s' });
});
afterAll(() => host.close());

const sessions = new ClientSessions(() => host);
beforeEach(() => (host.proxy.exchanges.length = 0));
afterEach(() => sessions.dispose());
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
  const loggedIn = async (): Promise<string> => {
    const { cookies, ...action } = jar();
    await appOf().of({ cookies: action, headers: new Headers() }).login(sessions.credentials);
    return cookies.get('keyturn-session')!;
  };
  /** As it looks when the access token is over by the clock of this machine. */
  const over = (value: string): string =>
    JSON.stringify({ ...(JSON.parse(value) as object), at: Date.now() - 3_600_000 });

  it('middleware, three components and an action that refresh at once all get the same successor', async () => {
    const value = over(await loggedIn());
    const action = jar(value);
    const answers = await Promise.all([
      ...[1, 2, 3].map(() =>
        appOf()
          .of({ cookies: jar(value, false), headers: new Headers() })
          .fetch('/shop/cart'),
      ),
      appOf().of({ cookies: action, headers: new Headers() }).fetch('/shop/cart'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const successors = refreshes().map(
      ({ answer }) => (JSON.parse(answer!) as { refresh_token: string }).refresh_token,
    );
    expect(successors).toHaveLength(4);
    expect(new Set(successors)).toEqual(
      new Set([(JSON.parse(action.cookies.get('keyturn-session')!) as { refresh: string }).refresh]),
    );
  });

  it('middleware hands its tokens to the components, and takes none from the client', async () => {
    const value = over(await loggedIn());
    const request = {
      cookies: jar(value),
      headers: new Headers({ 'x-keyturn-session': '{"sid":"of the client"}' }),
      nextUrl: { pathname: '/' },
    };
    const set: string[] = [];
    const NextResponse = {
      next: ({ request: { headers } }: { request: { headers: Headers } }) => ({
        forwarded: headers,
        headers: new Headers(),
        cookies: { set: (_: string, next: string) => set.push(next) },
      }),
    };
    const { forwarded, headers } = await appOf().middleware(request, NextResponse);
    expect(forwarded.get('x-keyturn-session')).toBe(set[0]);
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(
      (
        await appOf()
          .of({ cookies: jar(value, false), headers: forwarded })
          .fetch('/shop/cart')
      ).status,
    ).toBe(200);
    expect(refreshes()).toHaveLength(1);

    const prefetch = {
      ...request,
      headers: new Headers({ ...Object.fromEntries(request.headers), purpose: 'prefetch' }),
    };
    const quiet = await appOf().middleware(prefetch, NextResponse);
    expect(quiet.forwarded.get('x-keyturn-session')).toBeNull();
    expect(quiet.headers.get('cache-control')).toBeNull();
    expect(refreshes()).toHaveLength(1);
  });

  it('derives by the secret that the cookie names, and by a new one only what was received after it', async () => {
    const value = over(await loggedIn());
    const action = jar(value);
    const k2 = 'a newer secret of the server, 32 characters';
    await appOf({ k2, ...secrets })
      .of({ cookies: action, headers: new Headers() })
      .accessToken();
    const token = (text: string) => (JSON.parse(text) as { refresh: string }).refresh;
    const mac = (secret: string, text: string) => createHmac('sha256', secret).update(token(text)).digest('hex');
    expect(refreshes()[0]!.headers['idempotency-key']).toBe(mac(secrets.k1, value));
    const next = over(action.cookies.get('keyturn-session')!);
    await appOf({ k2 })
      .of({ cookies: jar(next), headers: new Headers() })
      .accessToken();
    expect(refreshes()[1]!.headers['idempotency-key']).toBe(mac(k2, next));
  });

  it('does not start without a secret, or with a short one', () => {
    expect(() => appOf({})).toThrow('secrets: give at least one secret, each of 32 characters or more');
    expect(() => appOf({ k1: 'short' })).toThrow('secrets');
  });
});
