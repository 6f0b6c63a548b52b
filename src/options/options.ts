import {
  clientPolicies,
  DEFAULT_CLIENT,
  type ClientOptions,
  type ClientPolicy,
  type LifeOptions,
} from './client-options.js';
import { cookiePolicy, originList, type CookieOptions, type CookiePolicy } from './cookie-options.js';
import { DAY, HOUR, MINUTE, SECOND } from './durations.js';
import { AuthConfigError } from '../auth.errors.js';
import { hostExtensions, type HostExtensionOptions, type HostExtensions } from './host-extensions.js';
import {
  booleanOption,
  checkGroup,
  choiceOption,
  durationOption,
  functionOption,
  numberOption,
  refuseUnknown,
  type Range,
} from './option-checks.js';
import { traitsOf, type SessionMode, type ModeTraits } from './session-mode.js';

export type { ClientPolicy } from './client-options.js';
export type { SessionMode } from './session-mode.js';

/** What access tokens are signed with (RFC 7518). */
export type AccessTokenAlgorithm = 'ES256' | 'RS256' | 'PS256' | 'HS256';

/** What a route does when the instance may not have heard of the latest revocations. */
export type WhenStale = 'accept' | 'check' | 'reject';

/** Which routes slide: those with `@SlidingSession()`, or every guarded one but those with `@NoSliding()`. */
export type SlidingOn = 'marked' | 'all';

/** What the host knows of a subject right now, read on each refresh. */
export interface LoadedSubject {
  /** Go into the access token beside the registered claims; at most 1 KiB as JSON. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Raised by the host when all tokens of the subject must die (password change); sessions opened below it end. */
  readonly generation: number;
}

/** The options of `AuthModule`. Durations are strings such as `'30s'`, `'15m'`, `'14d'`. */
export interface AuthModuleOptions extends LifeOptions, HostExtensionOptions {
  /** `iss` of every token; a URL. */
  issuer: string;
  /** `aud` of access tokens, and what the guard accepts. Default: the issuer. */
  audience?: string | readonly string[];
  /** A private JWKS (object or JSON text); each key names its `purpose`, `access` or `refresh`. See `generateKeys`, `KeyRing`. */
  keys: unknown;
  /** What access tokens are signed with. Default `ES256`. */
  algorithm?: AccessTokenAlgorithm;
  /** How long a spent refresh token still yields its successor: 0 to 60 s, `'0s'` is strict. Default `30s`. */
  grace?: string;
  /** What a reuse ends: its session, or all the subject's. Default `session`. */
  onReuse?: 'session' | 'subject';
  /** 1 to 1000. Default 20. */
  maxSessionsPerSubject?: number;
  /** Who leaves when a login finds no room. Default `end-oldest`. */
  whenFull?: 'end-oldest' | 'refuse';
  /** How long the reason of a session's end is kept for its owner: 0 to 30 d. Default `7d`. */
  endedRetention?: string;
  sliding?: {
    /**
     * Which routes slide. Default `marked`. `all` brings an interceptor before every route, so with `forRootAsync` it
     * stands beside the factory.
     */
    on?: SlidingOn;
    /** Share of the access token's life after which it is renewed: 0 to 0.95. Default 0.5. */
    renewAfter?: number;
    /** Whether a renewal also moves the session's idle end, by one write to the store. Default false. */
    extendSession?: boolean;
    /** How long after a rotation access tokens may be renewed without a refresh: 0 to the idle time. Default `2h`. */
    slideLimit?: string;
  };
  /** How far clocks may differ: 0 to 60 s. Default `5s`. */
  clockTolerance?: string;
  revocation?: {
    /** How old an instance's knowledge of revocations may be: 1 s to 5 m. Default `10s`. */
    maxStaleness?: string;
    /** What a guarded route does beyond that: go on, ask the store, or answer 503. Default `accept`. */
    whenStale?: WhenStale;
  };
  tokenCache?: {
    /** How many verified access tokens are remembered; 0 switches it off. Default 10000. */
    max?: number;
  };
  /** Kinds of clients by their `client_id`. Default: `default` alone, which is also meant where none is named. */
  clients?: Readonly<Record<string, ClientOptions>>;
  /** Only for clients with `transport: 'cookie'`. */
  cookies?: CookieOptions;
  /** Origins of pages that may call besides the issuer's own, such as `https://shop.example`: for CORS and cookies. */
  allowedOrigins?: readonly string[];
  /** Called before each refresh; null ends the session. A throw answers 503 and changes nothing. */
  loadSubject?: (sub: string) => Promise<LoadedSubject | null> | LoadedSubject | null;
}

/** {@link AuthModuleOptions} after all checks: defaults filled in, durations in milliseconds. */
export interface AuthPolicy extends ModeTraits, HostExtensions {
  readonly strategy: SessionMode;
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly algorithm: AccessTokenAlgorithm;
  readonly clients: ReadonlyMap<string, ClientPolicy>;
  readonly cookies: CookiePolicy;
  readonly allowedOrigins: readonly string[];
  readonly grace: number;
  readonly onReuse: 'session' | 'subject';
  readonly maxSessionsPerSubject: number;
  readonly whenFull: 'end-oldest' | 'refuse';
  readonly endedRetention: number;
  readonly slidingOn: SlidingOn;
  readonly renewAfter: number;
  readonly extendSession: boolean;
  readonly slideLimit: number;
  readonly clockTolerance: number;
  readonly maxStaleness: number;
  readonly whenStale: WhenStale;
  readonly tokenCacheMax: number;
  readonly loadSubject: AuthModuleOptions['loadSubject'];
}

/** A client's policy; one that was taken out of the configuration keeps the default's until its sessions end. */
export const clientPolicy = ({ clients }: AuthPolicy, clientId: string): ClientPolicy =>
  clients.get(clientId) ?? clients.get(DEFAULT_CLIENT)!;

/** Whether any client's tokens travel in cookies. */
export const usesCookies = ({ clients }: Pick<AuthPolicy, 'clients'>): boolean =>
  [...clients.values()].some(({ transport }) => transport === 'cookie');

function issuerOption(issuer: unknown): string {
  if (typeof issuer !== 'string' || !URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol)) {
    throw new AuthConfigError("issuer must be given: the URL of this service, such as 'https://auth.example'");
  }
  return issuer;
}

function audienceOption(audience: AuthModuleOptions['audience'], issuer: string): readonly string[] {
  if (audience === undefined) return [issuer];
  const list: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  if (list.length === 0 || !list.every((entry) => typeof entry === 'string' && entry !== '')) {
    throw new AuthConfigError('audience must be a name, or a list of at least one');
  }
  return list as readonly string[];
}

const OPTIONS = [
  'issuer',
  'audience',
  'keys',
  'algorithm',
  'accessTtl',
  'idleTtl',
  'absoluteTtl',
  'grace',
  'onReuse',
  'maxSessionsPerSubject',
  'whenFull',
  'endedRetention',
  'sliding',
  'clockTolerance',
  'revocation',
  'tokenCache',
  'clients',
  'cookies',
  'allowedOrigins',
  'loadSubject',
  'keepAddress',
  'errorCodes',
  'auditFields',
] as const satisfies readonly (keyof AuthModuleOptions)[];

/**
 * Checks the options and fills in the defaults.
 * @throws AuthConfigError with a sentence that names the option and what it may be
 */
export function resolveOptions(options: AuthModuleOptions, strategy: SessionMode): AuthPolicy {
  const traits = traitsOf(strategy);
  refuseUnknown(options, OPTIONS, 'option');
  checkGroup('sliding', options.sliding, ['on', 'renewAfter', 'extendSession', 'slideLimit']);
  checkGroup('revocation', options.revocation, ['maxStaleness', 'whenStale']);
  checkGroup('tokenCache', options.tokenCache, ['max']);
  functionOption('loadSubject', options.loadSubject, '(sub) => { claims, generation } | null');

  const issuer = issuerOption(options.issuer);
  const clients = clientPolicies(options, strategy);
  const longestIdle = Math.max(...[...clients.values()].map(({ idleTtl }) => idleTtl));
  const whenStale = choiceOption('revocation.whenStale', options.revocation?.whenStale, ['accept', 'check', 'reject']);
  if (whenStale === 'check' && !traits.keepsSessions) {
    throw new AuthConfigError(`revocation.whenStale is 'check'; strategy '${strategy}' has no store to ask`);
  }
  const range = (fallback: number, max: number): Range => ({ fallback, min: 0, max });

  return {
    strategy,
    issuer,
    audience: audienceOption(options.audience, issuer),
    algorithm: choiceOption('algorithm', options.algorithm, ['ES256', 'RS256', 'PS256', 'HS256']),
    ...traits,
    clients,
    cookies: cookiePolicy(options.cookies),
    allowedOrigins: originList(options.allowedOrigins),
    grace: durationOption('grace', options.grace, range(30 * SECOND, MINUTE)),
    onReuse: choiceOption('onReuse', options.onReuse, ['session', 'subject']),
    maxSessionsPerSubject: numberOption('maxSessionsPerSubject', options.maxSessionsPerSubject, {
      fallback: 20,
      min: 1,
      max: 1000,
    }),
    whenFull: choiceOption('whenFull', options.whenFull, ['end-oldest', 'refuse']),
    endedRetention: durationOption('endedRetention', options.endedRetention, range(7 * DAY, 30 * DAY)),
    slidingOn: choiceOption('sliding.on', options.sliding?.on, ['marked', 'all']),
    renewAfter: numberOption('sliding.renewAfter', options.sliding?.renewAfter, range(0.5, 0.95), false),
    extendSession: booleanOption('sliding.extendSession', options.sliding?.extendSession, false),
    slideLimit: durationOption('sliding.slideLimit', options.sliding?.slideLimit, {
      ...range(2 * HOUR, longestIdle),
      because: 'the idle time',
    }),
    clockTolerance: durationOption('clockTolerance', options.clockTolerance, range(5 * SECOND, MINUTE)),
    maxStaleness: durationOption('revocation.maxStaleness', options.revocation?.maxStaleness, {
      fallback: 10 * SECOND,
      min: SECOND,
      max: 5 * MINUTE,
    }),
    whenStale,
    tokenCacheMax: numberOption('tokenCache.max', options.tokenCache?.max, range(10_000, 10_000_000)),
    loadSubject: options.loadSubject,
    ...hostExtensions(options),
  };
}
