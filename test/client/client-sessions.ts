import { createSession, type Session, type SessionOptions, type SessionStorage } from '../../src/client/index.js';
import { memoryStorage } from '../../src/client/storage/simple-storages.js';
import { newCredentials, startClientHost, type ClientHost } from '../support/client-host.js';

/** A session, and what it told. */
export interface Told extends Session {
  readonly told: [name: string, event: unknown][];
}

/** Makes sessions of a host's client, and takes them away when the test is over. */
export class ClientSessions {
  /** Of this test's user. */
  credentials = newCredentials();
  private readonly made: Session[] = [];

  constructor(private readonly host: () => ClientHost) {}

  make(options: Partial<SessionOptions> = {}): Told {
    const { url, clock } = this.host();
    const session = createSession({ url, now: () => clock.now(), ...options });
    this.made.push(session);
    const told: Told['told'] = [];
    for (const name of ['change', 'ended', 'ending', 'error'] as const)
      session.on(name, (event) => void told.push([name, event]));
    // Its state is a getter, which a copy would freeze.
    return Object.assign(Object.create(session) as Session, { told });
  }

  async login(options?: Partial<SessionOptions>): Promise<Told> {
    const session = this.make(options);
    await session.login(this.credentials);
    return session;
  }

  dispose(): void {
    this.credentials = newCredentials();
    for (const session of this.made.splice(0)) session.dispose();
  }
}

/**
 * A host for the tests of a file, and sessions of its client that are taken away after each test. It is strict, a grace of
 * nothing: what a client does wrong with a spent token is an alarm, and not forgiven.
 */
export function useClientHost(): { readonly host: ClientHost; readonly sessions: ClientSessions } {
  let started: ClientHost;
  beforeAll(async () => {
    started = await startClientHost({ grace: '0s' });
  });
  afterAll(() => started.close());
  const sessions = new ClientSessions(() => started);
  beforeEach(() => {
    started.proxy.exchanges.length = 0;
    started.proxy.fault = () => undefined;
  });
  afterEach(() => sessions.dispose());
  // Looked up at each use, since tests are declared before the host is started.
  const host = new Proxy({} as ClientHost, {
    get: (_, name) => Reflect.get(started, name) as unknown,
    set: (_, name, value) => Reflect.set(started, name, value),
  });
  return { host, sessions };
}

/** A storage whose content a test can look into; two sessions on it are two tabs. */
export function openStorage(): { storage: SessionStorage; kept: Record<string, unknown> } {
  const kept: Record<string, unknown> = {};
  return { kept, storage: memoryStorage(kept) };
}

/** The name of the session of a host in a storage. */
export const nameIn = (kept: Record<string, unknown>): string =>
  Object.keys(kept).find((name) => name.includes('http'))!;

/** A `fetch` with the cookies of one browser; sessions that send by the same one are tabs of that browser. */
export function browserFetch(): typeof fetch {
  const jar = new Map<string, string>();
  return async (input, init) => {
    const request = new Request(input, init);
    const { headers, credentials } = request;
    headers.set('sec-fetch-site', 'same-origin');
    if (credentials === 'include')
      headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(request);
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value) jar.set(name!, value);
      else jar.delete(name!);
    }
    return response;
  };
}
