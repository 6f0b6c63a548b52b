import type { SessionError } from '../../src/client/index.js';
import { eventually } from '../support/eventually.js';
import { useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();

const undo: (() => unknown)[] = [];
afterEach(() => undo.splice(0).forEach((back) => back()));

/** Puts something in the place of a global until the test is over. */
function put(name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  undo.push(() =>
    before ? Object.defineProperty(globalThis, name, before) : Reflect.deleteProperty(globalThis, name),
  );
}

describe('sessions in a server, which keeps those of many users', () => {
  it('refresh at the same time, though Node has Web Locks: no user waits for the refresh of another', async () => {
    // One at a time and in turn, as the locks of Node 24 are.
    let line: Promise<unknown> = Promise.resolve();
    put('navigator', {
      locks: { request: (_: string, __: object, work: () => Promise<unknown>) => (line = line.then(work)) },
    });
    const users = [await sessions.login(), await sessions.login()];
    let allAsk: () => void = () => undefined;
    const release = new Promise<void>((resolve) => (allAsk = resolve));
    host.proxy.fault = ({ path }) => {
      if (path !== '/auth/refresh') return undefined;
      if (host.proxy.seen(path).length === users.length) allAsk();
      return { kind: 'hold', release };
    };
    host.clock.advance('31m');
    const tokens = await Promise.all(users.map((user) => user.accessToken()));
    expect(new Set(tokens).size).toBe(2);
    // None was sent again since it had waited for too long.
    expect(host.proxy.seen('/auth/refresh')).toHaveLength(2);
  });

  it('say what the network threw: on a server, "offline" alone leaves a wrong certificate to guess', async () => {
    const session = sessions.make({ url: 'http://127.0.0.1:9/auth' });
    const failure = (await session.login(sessions.credentials).catch((error: unknown) => error)) as SessionError;
    expect(failure).toMatchObject({ code: 'offline', cause: { message: 'fetch failed' } });
  });
});

/** A page in sight, whose window listens with no signal but its own: jsdom, where `AbortController` is Node's. */
function putPage(): EventTarget {
  const window = new EventTarget();
  put('document', { visibilityState: 'visible', baseURI: host.url, documentElement: { style: {} } });
  put('addEventListener', (name: string, listener: () => void, options?: { signal?: AbortSignal }) => {
    if (options?.signal)
      throw new TypeError("parameter 3 dictionary has member 'signal' that is not of type 'AbortSignal'");
    window.addEventListener(name, listener);
  });
  put('removeEventListener', window.removeEventListener.bind(window));
  return window;
}

describe('a session in a page', () => {
  it('is made in jsdom too, where the signals of Node are foreign, as Jest and MSW set it up', async () => {
    const window = putPage();
    const session = await sessions.login();
    const sid = (await host.sessions.list(sessions.credentials.email))[0]!.sid;
    await host.sessions.revoke(sessions.credentials.email, sid);
    host.clock.advance('31m');
    window.dispatchEvent(new Event('focus'));
    await eventually(() => session.state === 'out');
  });

  it('that was disposed listens to nothing more', async () => {
    const window = putPage();
    const session = await sessions.login();
    host.clock.advance('31m');
    session.dispose();
    window.dispatchEvent(new Event('focus'));
    window.dispatchEvent(new Event('online'));
    expect(await session.accessToken()).toBeDefined();
    expect(host.proxy.seen('/auth/refresh')).toHaveLength(1);
  });

  it('does not tell of an end that its clock makes up: the service is asked how much is left', async () => {
    const window = putPage();
    let ahead = 0;
    const session = await sessions.login({ now: () => host.clock.now() + ahead });
    // Ten years: the clock of the device was set wrongly.
    ahead = 315_360_000_000;
    window.dispatchEvent(new Event('focus'));
    await eventually(() => host.proxy.seen('/auth/refresh')[0]?.status === 200);
    expect(await session.accessToken()).toBeDefined();
    expect(session.told).not.toContainEqual(['ending', expect.anything()]);
  });
});

describe("a session in a worker of Cloudflare, whose requests know no redirect: 'error'", () => {
  beforeEach(() => {
    const NodesRequest = Request;
    put(
      'Request',
      class extends NodesRequest {
        constructor(input: Parameters<typeof fetch>[0], init?: RequestInit) {
          if (init?.redirect === 'error')
            throw new TypeError('Invalid redirect value, must be one of follow or manual');
          super(input, init);
        }
      },
    );
  });
  // There fetch makes a request of what it is given, and so refuses the same.
  const send: typeof fetch = (input, init) => fetch(new Request(input, init));

  it('logs in, refreshes and sends', async () => {
    const session = await sessions.login({ fetch: send });
    host.clock.advance('31m');
    expect((await session.fetch('/shop/cart')).status).toBe(200);
  });

  it('follows no redirect, since the token would go along', async () => {
    const session = await sessions.login({ fetch: send });
    expect((await session.fetch('/shop/moved')).status).toBe(302);
    expect(host.proxy.seen('/shop/cart')).toEqual([]);
  });
});

describe('a session on a phone', () => {
  it("sends addresses without an origin to the API, and not to Expo's development server, which is its location", async () => {
    put('navigator', { product: 'ReactNative' });
    put('location', { href: 'http://127.0.0.1:9/' });
    const session = await sessions.login();
    expect((await session.fetch('/shop/cart')).status).toBe(200);
  });
});
