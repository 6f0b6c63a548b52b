import type { AccessTokenClaims, ActorClaim } from '../auth.claims.js';
import { AuthError, type ClaimFault } from '../auth.errors.js';
import { invalidToken, isPlainObject, type JsonObject } from './token-form.js';

export type { AccessTokenClaims, ActorClaim } from '../auth.claims.js';

/** Whether a token is a client's own (RFC 6749 section 4.4), with nobody behind it. */
export const isMachine = ({ sub_type }: AccessTokenClaims): boolean => sub_type === 'client';

/** The payload of a refresh token. */
export interface RefreshTokenClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly sid: string;
  readonly client_id: string;
  readonly seq: number;
  readonly gen: number;
  readonly iat: number;
  readonly exp: number;
  readonly act?: ActorClaim;
  /** 128 random bits, base64url; carried through the session. */
  readonly sec: string;
}

/** Names that a host's claims can never take. */
export const REGISTERED_CLAIMS: ReadonlySet<string> = new Set([
  'iss',
  'aud',
  'sub',
  'client_id',
  'iat',
  'exp',
  'nbf',
  'jti',
  'sid',
  'auth_time',
  'amr',
  'acr',
  'act',
  'gen',
  'claims_at',
  'renew_until',
  'sub_type',
  'session_exp',
  'persistent',
]);

/** What a verifier expects. Times in milliseconds. */
export interface ClaimsRules {
  readonly issuer: string;
  /** One of these must be in the token; `any` for who only asks what the issuer has signed, and lets nobody in by it. */
  readonly audience: readonly string[] | 'any';
  readonly clockTolerance: number;
}

/** Freezes what a JSON value holds, to its end. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const name in value) deepFreeze(value[name]);
    Object.freeze(value);
  }
  return value;
}

const isTime = (value: unknown): boolean => value === undefined || Number.isSafeInteger(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isActor = (act: unknown): boolean => isPlainObject(act) && isText(act.sub) && Number.isSafeInteger(act.gen);

/** @param reason where the claim is there */
function wrongClaim(payload: JsonObject, claim: string, problem: string, reason: ClaimFault = 'invalid'): AuthError {
  return invalidToken(problem, { claim, reason: payload[claim] === undefined ? 'missing' : reason });
}

type Check = (value: unknown) => boolean;

/** @throws AuthError `token_invalid`, which names the first of the claims that does not pass the check */
function requireClaims(payload: JsonObject, names: readonly string[], check: Check, problem: string): void {
  for (const name of names) if (!check(payload[name])) throw wrongClaim(payload, name, problem);
}

function checkIssuerAndTimes(payload: JsonObject, issuer: string): void {
  if (payload.iss !== issuer) throw wrongClaim(payload, 'iss', 'is from another issuer', 'mismatch');
  // Libraries take a missing exp, 1e309 and '1' here; a number that is no safe integer is never one of ours.
  requireClaims(payload, ['exp', 'iat'], Number.isSafeInteger, 'has no valid times');
  requireClaims(payload, ['sub', 'sid'], isText, 'names no session');
  if (payload.act !== undefined && !isActor(payload.act)) throw wrongClaim(payload, 'act', 'names no actor');
}

/** What revocation and recent authentication compare with. Behind a machine token nobody has logged in. */
const REQUIRED_NUMBERS = { person: ['auth_time', 'gen', 'claims_at'], machine: ['gen', 'claims_at'] };
const ONLY_FOR_PEOPLE = ['auth_time', 'amr', 'act', 'renew_until'];

/** Whether it is the token of a person or of a client itself. */
function checkKind(payload: JsonObject): keyof typeof REQUIRED_NUMBERS {
  if (payload.sub_type === undefined) return 'person';
  const isWhole = payload.sub_type === 'client' && payload.sub === payload.client_id;
  const stray = isWhole ? ONLY_FOR_PEOPLE.find((name) => payload[name] !== undefined) : 'sub_type';
  if (stray !== undefined) throw wrongClaim(payload, stray, 'is neither of a person nor of a client', 'mismatch');
  return 'machine';
}

/**
 * The claims of an access token whose signature holds (RFC 9068 section 4), its times left aside.
 * @throws AuthError `token_invalid`
 */
export function checkAccessClaims(payload: unknown, rules: ClaimsRules): AccessTokenClaims {
  if (!isPlainObject(payload)) throw invalidToken('has no claims');
  checkIssuerAndTimes(payload, rules.issuer);
  const audience: readonly unknown[] = Array.isArray(payload.aud) ? payload.aud : [payload.aud];
  if (rules.audience !== 'any' && !rules.audience.some((name) => audience.includes(name)))
    throw wrongClaim(payload, 'aud', 'is for another audience', 'mismatch');
  requireClaims(payload, ['jti'], isText, 'has no jti');
  requireClaims(payload, ['nbf', 'renew_until'], isTime, 'has no valid times');
  // Each comparison with what is missing here is false: without `gen` a token would outlive every revocation of its user.
  const required = REQUIRED_NUMBERS[checkKind(payload)];
  const problem = `must have client_id, ${required.join(', ')}`;
  requireClaims(payload, ['client_id'], isText, problem);
  requireClaims(payload, required, Number.isSafeInteger, problem);
  if (payload.amr !== undefined && !(Array.isArray(payload.amr) && payload.amr.every(isText))) {
    throw wrongClaim(payload, 'amr', 'has an amr that is no list of names');
  }
  return payload as JsonObject & AccessTokenClaims;
}

/**
 * The times of an access token. The tolerance is for tokens that seem to come from the future, and does not lengthen
 * their life: clocks are corrected by the store's.
 * @param now milliseconds
 * @throws AuthError `token_expired`, `token_not_yet_valid`
 */
export function checkTimes(claims: AccessTokenClaims, now: number, clockTolerance: number): void {
  if (now >= claims.exp * 1000) {
    throw new AuthError('token_expired', 'The access token has expired.', { claim: 'exp', reason: 'mismatch' });
  }
  const { nbf } = claims as { readonly nbf?: number };
  const notBefore = Math.max(claims.iat, nbf ?? claims.iat);
  if (now < notBefore * 1000 - clockTolerance) {
    const claim = nbf === notBefore ? 'nbf' : 'iat';
    const details = { retryAfter: 1, claim, reason: 'mismatch' } as const;
    throw new AuthError('token_not_yet_valid', 'The token is from the future: a clock is wrong.', details);
  }
}

/** The `seq` of what a session was redeemed for. */
export const BEFORE_FIRST = -1;

/**
 * The claims of a refresh token whose MAC holds. Its times are checked only for being times: the store's clock decides.
 * @throws AuthError `token_invalid`
 */
export function checkRefreshClaims(payload: unknown, issuer: string): RefreshTokenClaims {
  if (!isPlainObject(payload)) throw invalidToken('has no claims');
  checkIssuerAndTimes(payload, issuer);
  if (payload.aud !== issuer) throw wrongClaim(payload, 'aud', 'is for another audience', 'mismatch');
  const problem = 'names no step of a session';
  requireClaims(payload, ['seq', 'gen'], Number.isSafeInteger, problem);
  // The one before the first stands for a token of the former login, whose successor the first is. Nobody holds it.
  if ((payload.seq as number) < BEFORE_FIRST) throw wrongClaim(payload, 'seq', problem);
  requireClaims(payload, ['client_id', 'sec'], isText, problem);
  return payload as unknown as RefreshTokenClaims;
}
