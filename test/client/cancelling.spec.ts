// Angular's packages are compiled on loading where no bundler did it.
// oxlint-disable-next-line import/no-unassigned-import
import '@angular/compiler';
import { HttpErrorResponse, HttpHeaders, HttpRequest, HttpResponse } from '@angular/common/http';
import { create as createAxios } from 'axios';
import { lastValueFrom, Observable, retry } from 'rxjs';
import { sessionInterceptor } from '../../src/client/angular.js';
import { withSession } from '../../src/client/axios.js';
import { eventually } from '../support/eventually.js';
import { useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();

const JSON_TYPE = { 'content-type': 'application/json' };
const at = (path: string) => new URL(path, host.url).href;
const seen = (path: string) => host.proxy.seen(path);
/** Holds requests to a path back. @returns what lets them go on */
const holding = (path: string) => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  host.proxy.fault = (request) => (request.path === path ? { kind: 'hold', release: held } : undefined);
  return () => release();
};

describe('a request that is cancelled', () => {
  /** A session whose login is too old for a payment, and that asks for the password. */
  const asking = async () => {
    const session = await sessions.login();
    host.clock.advance('10m');
    const asked = new Promise((resolve) => session.on('reauthenticate', resolve));
    return { session, asked };
  };

  it('rejects at once while it waits for the password, and is not sent again', async () => {
    const { session, asked } = await asking();
    const control = new AbortController();
    const pay = { method: 'POST', headers: JSON_TYPE, body: '{}', signal: control.signal };
    const paid = [session.fetch(at('/shop/pay'), pay), session.fetch(new Request(at('/shop/pay'), pay))];
    await asked;
    await eventually(() => seen('/shop/pay').filter(({ status }) => status === 401).length === 2);
    control.abort();
    for (const answer of paid) await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    await session.reauthenticate(sessions.credentials.password);
    expect(await session.accessToken()).toMatch(/^ey/);
    expect(seen('/shop/pay')).toHaveLength(2);
  });

  it('rejects at once in axios too, which hands its signal on in a Request', async () => {
    const { session, asked } = await asking();
    const control = new AbortController();
    const api = withSession(createAxios(), session);
    const paid = api.post(at('/shop/pay'), {}, { signal: control.signal });
    await asked;
    control.abort();
    await expect(paid).rejects.toMatchObject({ name: 'CanceledError' });
  });

  it('rejects at once while it waits for a refresh, and is not sent after it', async () => {
    const session = await sessions.login();
    host.clock.advance('31m');
    const release = holding('/auth/refresh');
    const control = new AbortController();
    const saved = session.fetch(at('/shop/items'), { method: 'POST', body: '{}', signal: control.signal });
    await eventually(() => seen('/auth/refresh').length === 1);
    control.abort(new Error('The dialog was closed.'));
    await expect(saved).rejects.toThrow('The dialog was closed.');
    release();
    expect(await session.accessToken()).toMatch(/^ey/);
    expect(seen('/shop/items')).toEqual([]);
  });
});

describe('a request with a signal of React Native, which knows no reason and has no throwIfAborted()', () => {
  class ReactNativeSignal extends EventTarget {
    aborted = false;

    abort(): void {
      this.aborted = true;
      this.dispatchEvent(new Event('abort'));
    }
  }
  /** Node takes no signal but its own. */
  const send = (input: string | URL | Request, { signal: _, ...init }: RequestInit = {}) => fetch(input, init);
  const asking = (signal: ReactNativeSignal) => ({ signal: signal as unknown as AbortSignal });

  it('is sent', async () => {
    const session = await sessions.login({ fetch: send });
    expect((await session.fetch(at('/shop/cart'), asking(new ReactNativeSignal()))).status).toBe(200);
  });

  it.each(['before it is made', 'while it waits for a refresh'])('rejects when it is cancelled %s', async (when) => {
    const session = await sessions.login({ fetch: send });
    host.clock.advance('31m');
    const release = holding('/auth/refresh');
    const signal = new ReactNativeSignal();
    if (when === 'before it is made') signal.abort();
    const saved = session.fetch(at('/shop/items'), { method: 'POST', body: '{}', ...asking(signal) });
    await eventually(() => seen('/auth/refresh').length === 1);
    signal.abort();
    await expect(saved).rejects.toMatchObject({ name: 'AbortError' });
    release();
    expect(await session.accessToken()).toMatch(/^ey/);
    expect(seen('/shop/items')).toEqual([]);
  });
});

describe('a request of Angular', () => {
  /** Sends as Angular's own backend does: an error has a body of the `responseType` as well. */
  const backend = (request: HttpRequest<unknown>): Observable<HttpResponse<unknown>> =>
    new Observable((observer) => {
      const control = new AbortController();
      const { method, urlWithParams, headers, responseType } = request;
      const list = headers.keys().map((name): [string, string] => [name, headers.get(name)!]);
      const body = request.body as string;
      fetch(urlWithParams, { method, headers: list, body, signal: control.signal }).then(
        async (response) => {
          const { status, url } = response;
          const value: unknown = await (responseType === 'arraybuffer'
            ? response.arrayBuffer()
            : response[responseType]());
          const init = { status, url, headers: new HttpHeaders(response.headers) };
          if (!response.ok) return observer.error(new HttpErrorResponse({ ...init, error: value }));
          observer.next(new HttpResponse({ ...init, body: value }));
          observer.complete();
        },
        (error: unknown) => observer.error(error),
      );
      return () => control.abort();
    });
  const saving = () =>
    new HttpRequest<unknown>('POST', at('/shop/items'), '{}', { headers: new HttpHeaders(JSON_TYPE) });

  it.each(['blob', 'arraybuffer', 'text', 'json'] as const)(
    'refreshes after the 401 of a download as %s',
    async (responseType) => {
      const now = host.clock.now();
      const session = await sessions.login({ now: () => now });
      host.clock.advance('31m');
      const request = new HttpRequest<unknown>('GET', at('/shop/cart'), { responseType });
      const event = await lastValueFrom(sessionInterceptor(session)(request, backend));
      const text = responseType === 'json' ? JSON.stringify(event.body) : await new Response(event.body as Blob).text();
      expect(text).toContain(sessions.credentials.email);
      expect(seen('/auth/refresh')).toHaveLength(1);
    },
  );

  it('is sent when somebody subscribes, and again for each retry', async () => {
    const session = await sessions.login();
    host.proxy.fault = ({ path }) => (path === '/shop/cart' ? { kind: 'answer', status: 503, body: '{}' } : undefined);
    const answer = sessionInterceptor(session)(new HttpRequest<unknown>('GET', at('/shop/cart')), backend);
    expect(await session.accessToken()).toMatch(/^ey/);
    expect(seen('/shop/cart')).toHaveLength(0);
    await expect(lastValueFrom(answer.pipe(retry(2)))).rejects.toMatchObject({ status: 503 });
    expect(seen('/shop/cart')).toHaveLength(3);
  });

  it('is not sent any more when it is cancelled before its refresh has ended', async () => {
    const session = await sessions.login();
    host.clock.advance('31m');
    const release = holding('/auth/refresh');
    const subscription = sessionInterceptor(session)(saving(), backend).subscribe();
    await eventually(() => seen('/auth/refresh').length === 1);
    subscription.unsubscribe();
    release();
    expect(await session.accessToken()).toMatch(/^ey/);
    expect(seen('/shop/items')).toEqual([]);
  });

  it('is cancelled at the backend when it is under way', async () => {
    const session = await sessions.login();
    let isCancelled = false;
    const silent = () => new Observable<HttpResponse<unknown>>(() => () => (isCancelled = true));
    let sent = 0;
    const subscription = sessionInterceptor(session)(saving(), () => (sent++, silent())).subscribe();
    await eventually(() => sent === 1);
    subscription.unsubscribe();
    expect(isCancelled).toBe(true);
  });
});
