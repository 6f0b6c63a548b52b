import { AuthConfigError } from '../auth.errors.js';
import { AUTH_EXTRAS } from './auth-extras.js';
import { OPTIONS, type AuthModuleOptions } from './auth-options.js';
import type { ClientPolicy, LifeOptions } from './client-options.js';
import { clientPolicies, DEFAULT_CLIENT } from './client-policies.js';
import { checkLegacy } from './legacy-options.js';
import type { CheckedOf } from './option.js';
import { checkOptions, refuseMisplaced, refuseUnknown } from './option-table.js';
import { traitsOf, type ModeTraits, type SessionMode } from './session-mode.js';

export type { AuthModuleOptions, LoadedSubject, SubjectSession } from './auth-options.js';
export type { ClientPolicy } from './client-options.js';
export type { SessionMode } from './session-mode.js';

type Checked = CheckedOf<typeof OPTIONS>;

/** What access tokens are signed with (RFC 7518). */
export type AccessTokenAlgorithm = Checked['algorithm'];

/** What a route does when the instance may not know the latest revocations. */
export type WhenStale = Checked['revocation']['whenStale'];

/** Which routes slide: those with `@SlidingSession()`, or every guarded one but those with `@NoSliding()`. */
export type SlidingOn = Checked['sliding']['on'];

/** {@link AuthModuleOptions} after all checks: defaults filled in, durations in milliseconds. */
export interface AuthPolicy extends Omit<Checked, keyof LifeOptions | 'keys' | 'clients' | 'subjectOnly'>, ModeTraits {
  /** Which tokens there are, and whether the access token is reissued in use. */
  readonly strategy: SessionMode;
  readonly issuer: string;
  readonly audience: readonly string[];
  /** What each kind of client gets, by its `client_id`. */
  readonly clients: ReadonlyMap<string, ClientPolicy>;
  /** Names that are never taken from a session; empty without `loadSubject`, where the session has all claims. */
  readonly subjectOnly: ReadonlySet<string>;
}

/** Names of authorization: with `loadSubject`, a session can never set them for itself. */
const SUBJECT_ONLY: readonly string[] = ['roles', 'scope', 'permissions'];
/** A cookie of 4096 bytes carries no more. */
const CLAIMS_IN_COOKIES = 1024;

/** A client's policy; one that was taken out of the configuration keeps the default's until its sessions end. */
export const clientPolicy = ({ clients }: AuthPolicy, clientId: string): ClientPolicy =>
  clients.get(clientId) ?? clients.get(DEFAULT_CLIENT)!;

/** A server that renders pages derives the key for anybody who brings its cookie: there it proves less. */
const BFF_ATTEMPT_TTL = 60_000;

/** For how long the same `Idempotency-Key` yields a lost successor, for one kind of client. Milliseconds. */
export const attemptTtlOf = ({ attemptTtl }: Pick<AuthPolicy, 'attemptTtl'>, { bff }: Pick<ClientPolicy, 'bff'>) =>
  bff ? Math.min(attemptTtl, BFF_ATTEMPT_TTL) : attemptTtl;

/** Whether a client can prove who it is (RFC 6749 section 2.1): then it has tokens of its own, and no sessions of people. */
export const isConfidentialClient = ({ secretHashes, jwks }: Pick<ClientPolicy, 'secretHashes' | 'jwks'>): boolean =>
  secretHashes.length > 0 || jwks !== undefined;

/** The longest absolute end of any client's sessions, milliseconds. */
export const longestLife = ({ clients }: Pick<AuthPolicy, 'clients'>): number =>
  Math.max(...[...clients.values()].map(({ absoluteTtl }) => absoluteTtl));

/** Whether any client's tokens travel in cookies. */
export const usesCookies = ({ clients }: Pick<AuthPolicy, 'clients'>): boolean =>
  [...clients.values()].some(({ transport }) => transport === 'cookie');

/** Cookies without `Secure` are for development on http: elsewhere they are nothing but a hole. */
function refuseInsecure(issuer: string, sameSite: string): void {
  if (new URL(issuer).protocol === 'https:') {
    throw AuthConfigError.of(
      'cookies.insecure',
      `is for development on http, and the issuer is ${issuer}; leave it out`,
    );
  }
  if (sameSite === 'none') {
    throw AuthConfigError.of('cookies.sameSite', "is 'none', which browsers take from Secure cookies alone");
  }
}

/** A policy has no keys, so none need be given to read one. */
type OptionsWithoutKeys = Omit<AuthModuleOptions, 'keys'> & Partial<Pick<AuthModuleOptions, 'keys'>>;

/**
 * Checks the options and fills in the defaults.
 * @throws AuthConfigError with a sentence that names the option and what it may be
 */
export function resolveOptions(options: OptionsWithoutKeys, strategy: SessionMode): AuthPolicy {
  const traits = traitsOf(strategy);
  refuseMisplaced(options, AUTH_EXTRAS);
  // A name like `gaurd` must be told of `guard`, which stands beside them in forRoot().
  refuseUnknown(options, Object.keys({ ...AUTH_EXTRAS, ...OPTIONS }), '');
  if ([undefined, null, ''].includes(options.issuer)) {
    throw AuthConfigError.of('issuer', "must be given: the URL of this service, such as 'https://auth.example'");
  }
  const given = OPTIONS.clients.check(options.clients, 'clients');
  const clients = clientPolicies(given, options, strategy);
  const slideLimit = {
    max: Math.max(...[...clients.values()].map(({ idleTtl }) => idleTtl)),
    because: 'the idle time',
  };
  const checked = checkOptions(OPTIONS, options, { bounds: { 'sliding.slideLimit': slideLimit } });
  const { keys: _keys, accessTtl: _accessTtl, idleTtl: _idleTtl, absoluteTtl: _absoluteTtl, ...rest } = checked;
  if (rest.revocation.whenStale === 'check' && !traits.keepsSessions) {
    throw AuthConfigError.of('revocation.whenStale', `is 'check'; strategy '${strategy}' has no store to ask`);
  }
  if (rest.claimsLimit > CLAIMS_IN_COOKIES && usesCookies({ clients })) {
    const most = `with a client of transport 'cookie' it must be from 0 to ${CLAIMS_IN_COOKIES}`;
    throw AuthConfigError.of('claimsLimit', `is ${rest.claimsLimit}; ${most}`);
  }
  checkLegacy(rest.legacy, traits.keepsSessions);
  const issuer = rest.issuer!;
  if (rest.cookies.insecure) refuseInsecure(issuer, rest.cookies.sameSite);
  const subjectOnly = new Set(rest.loadSubject ? [...SUBJECT_ONLY, ...rest.subjectOnly] : []);
  return { ...rest, ...traits, strategy, issuer, audience: rest.audience ?? [issuer], clients, subjectOnly };
}
