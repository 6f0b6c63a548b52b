import { AuthConfigError } from '../auth.errors.js';
import { CLIENT_OPTIONS, LIFE_OPTIONS, type ClientOptions } from './client-options.js';
import { ALLOWED_ORIGINS, COOKIE_OPTIONS } from './cookie-options.js';
import { HOST_EXTENSION_OPTIONS } from './host-extensions.js';
import { issuerProblem } from './issuer-form.js';
import { LEGACY_OPTIONS } from './legacy-options.js';
import { LIMIT_OPTIONS } from './limit-options.js';
import { callback, choice, duration, flag, list, number, required, special, text, whole } from './option-kinds.js';
import type { OptionsOf } from './option.js';
import { ROTATION_OPTIONS } from './rotation-options.js';
import type { JwkSet } from './jwk-set.js';

/** What the host knows of a subject right now, read on each refresh. */
export interface LoadedSubject {
  /** Go into the access token beside the registered claims; at most `claimsLimit` as JSON. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Raised by the host when all tokens of the subject must die (password change); sessions opened below it end. */
  readonly generation: number;
}

/** The session that `loadSubject` is asked for. */
export interface SubjectSession {
  /** The session for which claims are asked. */
  readonly sid: string;
  /** The client that opened it. */
  readonly clientId: string;
  /** Its own claims, such as a tenant; empty if it has none. */
  readonly sessionClaims: Readonly<Record<string, unknown>>;
  /** Who acts in it for the subject. */
  readonly act?: string | undefined;
}

/**
 * The options of `AuthModule`: the one place where an option is declared. Types, checks, the reading of the environment,
 * `.env.example`, docs/options.md and `keyturn --help` come from this table.
 */
export const OPTIONS = {
  /** `iss` of every token; a URL. */
  issuer: required(
    text({
      env: 'AUTH_ISSUER',
      kind: 'URL',
      without: 'in the service `http://localhost:PORT`; must be set in production',
      about: '`iss` of every token: the public URL of the auth service',
      problem: issuerProblem,
    }),
  ),
  /** `aud` of access tokens, and what the guard accepts: one name or a list. Default: the issuer. */
  audience: special<string | readonly string[], readonly string[] | undefined>({
    env: 'AUTH_AUDIENCE',
    kind: 'list',
    range: 'one or more names, separated by commas',
    without: 'the issuer',
    about: '`aud` of access tokens; a verifier accepts a token that names one of its own',
    fromText: (names) => names.split(',').map((name) => name.trim()),
    check: (given, option) => {
      if (given === undefined) return undefined;
      const names: readonly unknown[] = Array.isArray(given) ? given : [given];
      if (names.length > 0 && names.every((name) => typeof name === 'string' && name !== '')) return names as string[];
      throw AuthConfigError.of(option, 'must be a name, or a list of at least one');
    },
  }),
  /** A private JWKS (object or JSON text); each key names its `purpose`, `access` or `refresh`. See `generateKeys`, `KeyRing`. */
  keys: required(
    special<string | JwkSet | undefined>({
      env: 'AUTH_KEYS',
      secret: true,
      kind: 'JWKS',
      without: 'in the service generated into DATA_DIR',
      about: 'The private keys, as JSON; each has a `purpose`, `access` or `refresh`',
      fromText: (json) => json,
      check: (given) => given,
    }),
  ),
  /** What access tokens are signed with (RFC 7518). Default `ES256`. */
  algorithm: choice(['ES256', 'RS256', 'PS256', 'HS256'], {
    env: 'AUTH_ALGORITHM',
    about: 'What access tokens are signed with',
  }),
  ...LIFE_OPTIONS,
  ...ROTATION_OPTIONS,
  /** How many sessions a subject may have: 1 to 1000. Default 20. */
  maxSessionsPerSubject: whole({
    env: 'MAX_SESSIONS',
    fallback: 20,
    min: 1,
    max: 1000,
    about: 'How many sessions a subject may have',
  }),
  /** What a login does when there is no room: end the oldest session, or refuse. Default `end-oldest`. */
  whenFull: choice(['end-oldest', 'refuse'], {
    env: 'WHEN_FULL',
    about: 'What a login does when the subject has so many: end the oldest session, or refuse',
  }),
  /** How long the reason of a session's end is kept for its owner: 0 to 30 d. Default `7d`. */
  endedRetention: duration({
    env: 'ENDED_RETENTION',
    fallback: '7d',
    min: '0s',
    max: '30d',
    about: "How long the reason of a session's end is kept for its owner",
  }),
  sliding: {
    /**
     * Which routes slide. Default `marked`. `all` brings an interceptor before every route, so with `forRootAsync` it
     * stands beside the factory.
     */
    on: choice(['marked', 'all'], {
      env: 'SLIDING_ON',
      about:
        'Which routes renew access tokens: those with `@SlidingSession()`, or all guarded ones but those with `@NoSliding()`',
    }),
    /** Share of the access token's life after which it is renewed: 0 to 0.95. Default 0.5. */
    renewAfter: number({
      env: 'SLIDING_RENEW_AFTER',
      fallback: 0.5,
      min: 0,
      max: 0.95,
      about: "Share of an access token's life after which it is renewed",
    }),
    /** Whether a renewal also moves the session's idle end, by one write to the store. Default false. */
    extendSession: flag({
      env: 'SLIDING_EXTEND_SESSION',
      fallback: false,
      about: "Whether a renewal also moves the session's idle end, by one write to the store",
    }),
    /** How long after a rotation access tokens may be renewed without a refresh: 0 to the idle time. Default `2h`. */
    slideLimit: duration({
      env: 'SLIDING_LIMIT',
      fallback: '2h',
      min: '0s',
      max: '400d',
      upTo: 'idleTtl',
      about: 'How long after a refresh access tokens may be renewed',
    }),
  },
  /** By how much a token may seem to come from the future: 0 to 60 s. It does not lengthen a token's life. Default `5s`. */
  clockTolerance: duration({
    env: 'CLOCK_TOLERANCE',
    fallback: '5s',
    min: '0s',
    max: '60s',
    about: 'By how much a token may seem to come from the future; it does not lengthen its life',
  }),
  revocation: {
    /** How old an instance's knowledge of revocations may be: 1 s to 5 m. Default `10s`. */
    maxStaleness: duration({
      env: 'REVOCATION_MAX_STALENESS',
      fallback: '10s',
      min: '1s',
      max: '5m',
      about: "How old an instance's knowledge of revocations may be",
    }),
    /** What a guarded route does beyond that: go on, ask the store, or answer 503. Default `accept`. */
    whenStale: choice(['accept', 'check', 'reject'], {
      env: 'REVOCATION_WHEN_STALE',
      about: 'What guarded routes do beyond that: go on, ask the store, or answer 503',
    }),
  },
  tokenCache: {
    /** How many verified access tokens are remembered; 0 switches it off. Default 10000. */
    max: whole({
      env: 'TOKEN_CACHE_MAX',
      fallback: 10_000,
      min: 0,
      max: 10_000_000,
      about: 'How many verified access tokens are remembered; 0 switches it off',
    }),
  },
  /** Kinds of clients by their `client_id`. Default: `default` alone, which is also meant where none is named. */
  clients: special<Readonly<Record<string, ClientOptions>>, Readonly<Record<string, ClientOptions>>>({
    env: 'AUTH_CLIENTS',
    kind: 'JSON',
    range: `by client_id an object with ${Object.keys(CLIENT_OPTIONS).join(', ')}`,
    without: 'one client `default` with transport `body`',
    about: 'Kinds of clients, such as {"web":{"transport":"cookie","accessTtl":"10m"}}',
    fromText: (json, option) => {
      try {
        return JSON.parse(json) as Readonly<Record<string, ClientOptions>>;
      } catch {
        throw AuthConfigError.of(option, 'is not JSON; write it as {"web":{"transport":"cookie"}}');
      }
    },
    check: (given = {}, option) => {
      if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
      throw AuthConfigError.of(option, 'must be an object: {"web":{"transport":"cookie"}}');
    },
  }),
  /** How the cookies of clients with cookie transport are made. */
  cookies: COOKIE_OPTIONS,
  /** Origins of pages that may call besides the issuer's own, such as `https://shop.example`: for CORS and cookies. */
  allowedOrigins: ALLOWED_ORIGINS,
  /** Bytes of JSON that the claims of the host may have in a token: 0 to 4096, with cookies to 1024. Default 1024. */
  claimsLimit: whole({
    env: 'CLAIMS_LIMIT',
    fallback: 1024,
    min: 0,
    max: 4096,
    about: 'Bytes of JSON that the claims of the host may have in a token; at most 1024 with cookies',
  }),
  /** Names of claims that a session cannot set for itself, beside `roles`, `scope` and `permissions`. Default none. */
  subjectOnly: list({
    range: 'names of claims',
    without: 'none beside roles, scope and permissions',
    about: 'Claims that a session cannot set for itself where `loadSubject` says them',
    problem: (given) => (given === '' ? 'must be a list of names' : undefined),
  }),
  /**
   * Called before each refresh; null ends the session. A throw answers 503 and changes nothing. A function that declares
   * the second parameter costs a round trip more, to read the session; `(...args) => …` declares none.
   */
  loadSubject: callback<LoadSubject>({
    shape: '(sub, session) => { claims, generation } | null',
    without: 'none',
    about: 'What the host knows of a subject now, asked before each refresh; null ends the session',
  }),
  /** Clients of the OAuth routes that are not in `clients`; null where there is no such client. */
  loadClient: callback<LoadClient>({
    shape: '(clientId) => { secretHashes, jwks, scope, audience } | null',
    without: 'none',
    about: 'Finds a client of the OAuth routes that is not in `clients`',
  }),
  /** Live tokens of the login that the host had before, and how they are taken over. */
  legacy: LEGACY_OPTIONS,
  ...LIMIT_OPTIONS,
  ...HOST_EXTENSION_OPTIONS,
};

/** A client that the host keeps itself; see the options of the same names in `clients`. */
export interface LoadedClient extends Pick<ClientOptions, 'secretHashes' | 'jwks' | 'scope' | 'audience'> {}

export type LoadClient = (clientId: string) => Promise<LoadedClient | null> | LoadedClient | null;

type LoadSubject = (sub: string, session: SubjectSession) => Promise<LoadedSubject | null> | LoadedSubject | null;

/** The options of `AuthModule`. Durations are strings such as `'30s'`, `'15m'`, `'14d'`. */
export interface AuthModuleOptions extends OptionsOf<typeof OPTIONS> {}
