import type { TokenAnswer } from '../auth.answers.js';
import { attemptKey, makeDeviceKey, type DeviceKey } from './attempt-key.js';
import { browser, withoutRedirects } from './browser.js';
import { afterAnswer, heldSession, isDue, recordOf } from './held-session.js';
import { sessionListeners } from './listeners.js';
import { signingOut } from './logout.js';
import { joinPage } from './page.js';
import { refreshing } from './refresh.js';
import { posting, readAnswer, serviceAt } from './service-call.js';
import { SessionError } from './session-error.js';
import { sessionFetch } from './session-fetch.js';
import type { Session, SessionOptions } from './session.types.js';
import { indexedDbStorage } from './storage/indexed-db.js';
import { lastingStorage } from './storage/lasting-storage.js';
import type { StoredSession } from './storage/session-storage.js';
import { localStorageStorage, memoryStorage } from './storage/simple-storages.js';

const STORAGES = { indexedDB: indexedDbStorage, localStorage: localStorageStorage, memory: memoryStorage };

/** `new URL('localhost:3000')` takes `localhost:` for a scheme, and no request would ever get the token. */
function originOf(address: string): string {
  if (!/^https?:/.test(address)) throw new TypeError(`"${address}": url and apiOrigins begin with https:// or http://`);
  return new URL(address).origin;
}

/**
 * A session of the Keyturn service, for browsers, phones and Node: it keeps the tokens, refreshes them in time and once
 * for all tabs, and tells when the session is over.
 *
 * @example
 * ```ts
 * const session = createSession({ url: 'https://auth.shop.example/auth', apiOrigins: ['https://api.shop.example'] });
 * session.on('ended', ({ message }) => showLogin(message));
 * await session.login({ email, password });
 * const cart = await session.fetch('https://api.shop.example/cart');
 * ```
 */
export function createSession(options: SessionOptions): Session {
  const { clientId: client_id, storage: wanted = browser.indexedDB ? 'indexedDB' : 'memory' } = options;
  const origins = [options.url, ...(options.apiOrigins ?? [])].map(originOf);
  const url = options.url.replace(/\/+$/, '');
  const name = `keyturn ${url} ${client_id}`;
  const byCookie = options.transport === 'cookie';
  const clock = options.now ?? Date.now;
  const send = options.fetch ?? ((...request) => globalThis.fetch(...request));
  const redirect = withoutRedirects();
  const call = serviceAt(url, byCookie, redirect, send);
  const [on, emit] = sessionListeners();
  const [storage, mayRotate] = lastingStorage(
    () => (typeof wanted === 'string' ? STORAGES[wanted]() : wanted),
    (error) => emit('error', error),
    () => void update(),
  );
  const page = joinPage(
    name,
    options.blankOnRestore ?? true,
    () => session()?.sid,
    () => update(),
    (online) => {
      setOffline(!online);
      look(online);
      if (online) tellService();
    },
  );
  const held = heldSession(name, storage, emit, () => look(), page.tell);
  const [session, update, mark, setOffline, begin, state] = held;
  const derive =
    options.deviceSecret ??
    (async (text: string) => {
      const made = await makeDeviceKey(wanted !== 'indexedDB');
      return attemptKey((await storage.update<DeviceKey>('keyturn key', (kept) => kept ?? made))!, text);
    });
  const [refresh, ask, look] = refreshing(
    name,
    byCookie,
    clock,
    held,
    call,
    async (refreshToken) => {
      const key = await derive(refreshToken ?? `cookie:${url}${client_id}`);
      if (refreshToken && !(await mayRotate(name))) throw new SessionError('storage_failed');
      return key;
    },
    emit,
    page.isVisible,
  );
  const [logout, tellService] = signingOut(byCookie, held, call, ask, emit);
  void update();

  async function ensure(minLife?: number): Promise<StoredSession | undefined> {
    // At first nothing was read, or the storage was locked: a phone starts applications by itself, with its key store locked.
    if (!session()) await update();
    const before = session();
    if (!before || before.isFinal || !isDue(before, clock(), minLife && minLife * 1000)) return before;
    await refresh(before).catch((error: unknown) => {
      // Not over yet: it serves until the service is back.
      if (isDue(session() ?? before, clock(), 0)) throw error;
    });
    const after = session();
    // Another session may be another user's: then it is as if nobody were signed in.
    return after?.sid === before.sid ? after : undefined;
  }

  async function take(answer: TokenAnswer, isLogin?: boolean): Promise<void> {
    const at = clock();
    recordOf(answer, at, byCookie);
    begin();
    await update((kept) => afterAnswer(kept, answer, at, byCookie, isLogin));
    setOffline(false);
    reauthenticated(true);
  }

  /** Drops an answer that a logout, or another login, of this tab has overtaken. */
  async function takeLater(asked: Promise<TokenAnswer>, isLogin?: boolean): Promise<void> {
    const isCurrent = mark();
    const answer = await asked;
    if (isCurrent()) await take(answer, isLogin);
  }

  const [wrap, reauthenticated] = sessionFetch(origins, byCookie, redirect, clock, held, ensure, refresh, on, emit);

  const fetch = wrap(send);

  return {
    get state() {
      return state();
    },
    fetch,
    wrap,
    on,
    adopt: (answer) => take(answer, true),
    login: (credentials) => takeLater(call('login', { ...credentials, client_id }), true),
    accessToken: async ({ minLife } = {}) => (await ensure(minLife))?.access,
    reauthenticate: (password) =>
      takeLater(fetch(`${url}/reauthenticate`, posting({ password })).then(readAnswer<TokenAnswer>)),
    logout,
    dispose() {
      page.leave();
      look();
    },
  };
}
