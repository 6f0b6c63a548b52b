import type { TokenAnswer } from '../auth.answers.js';
import type { SessionError } from './session-error.js';
import type { SessionEnd, SessionStorage } from './storage/session-storage.js';

/** `unknown` until the storage was read; `offline`: signed in, but the service cannot be reached. */
export type SessionState = 'unknown' | 'in' | 'out' | 'offline';

/** A request was answered with `insufficient_user_authentication` and waits for `session.reauthenticate`. */
export interface ReauthenticationRequest {
  /** How old the login may be, in seconds. */
  readonly maxAge?: number;
  /** Gives up: the waiting requests get their 401, as they do when their session is over. */
  cancel(): void;
}

/** What `session.on` tells of, by name. */
export interface SessionEvents {
  /** The state changed, or another session took the place of this one. */
  change: undefined;
  /** The service ended the session. A logout is no end: it only changes the state. */
  ended: SessionEnd;
  /** The session reaches its absolute end within five minutes; `seconds` are left. */
  ending: { readonly seconds: number };
  /** A call needs the password again before it can be sent. */
  reauthenticate: ReauthenticationRequest;
  /** Something failed, and the session lives on: the network, the service, the storage. */
  error: SessionError;
}

/** Settings of {@link createSession}. */
export interface SessionOptions {
  /** Where the routes of the service are, such as `https://auth.shop.example/auth`. */
  readonly url: string;
  /** As in the service's option `clients`. Default: the service's own default client. */
  readonly clientId?: string;
  /** As the client is configured at the service. Default `body`. */
  readonly transport?: 'body' | 'cookie';
  /**
   * Origins beside the one of `url` that get the access token, and whose `Renewed-Access-Token` is believed. Outside a
   * page, addresses without an origin are of the first one.
   */
  readonly apiOrigins?: readonly string[];
  /** Where the session is kept. Default `indexedDB`, and memory where there is none. */
  readonly storage?: 'indexedDB' | 'localStorage' | 'memory' | SessionStorage;
  /**
   * Makes the `Idempotency-Key` of a refresh: a MAC of the text by a secret that never leaves this device. Default:
   * HMAC-SHA-256 by a key in the storage.
   */
  readonly deviceSecret?: (text: string) => string | Promise<string>;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
  /** Hide the page while the browser keeps it for "back", and until it has looked after the session. Default `true`. */
  readonly blankOnRestore?: boolean;
}

/** A session of one user on one device, shared by all tabs. Made by {@link createSession}. */
export interface Session {
  /** A snapshot that changes with the event `change`. */
  readonly state: SessionState;
  /**
   * Logs in by `POST /login`.
   * @param credentials the fields of the request, such as `email` and `password`
   * @throws SessionError such as `invalid_credentials`
   */
  login(credentials: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Takes the token answer of a login, or of a reauthentication, that the application made by itself. A reauthentication
   * that came too late does not take the place of another session.
   */
  adopt(answer: TokenAnswer): Promise<void>;
  /**
   * `fetch` with the access token, for `url` and `apiOrigins`; other addresses are passed on as they are. Refreshes when
   * it must, and sends a request again at most once for each reason. A request that was made in one session is never
   * sent in another one: where its session is over it goes without a token, or keeps the 401 that it has. Redirects are
   * errors unless `redirect` says else.
   * @throws SessionError `offline`, or what the service answered, where the token is over and cannot be refreshed now
   */
  readonly fetch: typeof globalThis.fetch;
  /** Makes a {@link fetch} of the session that sends by something else, for HTTP libraries with a way of their own. */
  readonly wrap: (send: typeof globalThis.fetch) => typeof globalThis.fetch;
  /**
   * An access token that lives for `minLife` seconds more, or for half of its life if that is less. Undefined while
   * signed out, where the session ends during the call, and in cookie transport, where no page can read it.
   * @throws SessionError where the token is over and cannot be refreshed now
   */
  accessToken(need?: { readonly minLife?: number }): Promise<string | undefined>;
  /**
   * Gives the access token a fresh `auth_time`, and sends the requests again that wait for it. An answer that comes when
   * the session is over counts for nothing.
   * @throws SessionError such as `invalid_credentials`
   */
  reauthenticate(password: string): Promise<void>;
  /**
   * Signs out on this device at once. The service is told now, or when it can be reached, which the event `error` says.
   * @param where `everywhere` ends all sessions of the user
   * @throws SessionError with `everywhere`: the service refused it, or nobody was signed in; the other sessions live on
   */
  logout(where?: { readonly everywhere?: boolean }): Promise<void>;
  /** @returns what takes the listener away again */
  on<Name extends keyof SessionEvents>(name: Name, listener: (event: SessionEvents[Name]) => unknown): () => void;
  /** Takes away timers and listeners. The session itself lives on. */
  dispose(): void;
}
