import type { GivenClaims } from '../auth.claims.js';
import { AuthConfigError } from '../auth.errors.js';
import type { RequestInfo } from '../events/request-info.js';
import type { Actor } from './session.js';

/** A login, as the host has checked it. */
export interface SessionRequest extends RequestInfo {
  /** The user: 1 to 255 characters. */
  readonly sub: string;
  /**
   * The subject's generation, read together with the password hash, never afterwards: else a login with the old
   * password that races with its change survives. Needed where the host has `loadSubject`; others read it by
   * `generationOf` before the check.
   */
  readonly generation?: number | undefined;
  /**
   * Claims for the access tokens of the session. Without `loadSubject` they are the subject's, which
   * `claimsChanged(sub, { claims })` replaces. With it they are the session's own, like `sessionClaims`.
   */
  readonly claims?: GivenClaims | undefined;
  /**
   * When you have read `claims`: `Date.now()`, taken before you read the user. A change that `claimsChanged()` told of
   * since then wins. Default: a minute before `open()`, more than a login takes between the two. Where no sessions are
   * kept the default is now, since nobody has the changed claims to put in their place: give it there.
   */
  readonly claimsReadAt?: number | undefined;
  /** Claims of this session alone, such as a tenant; `setClaims` replaces them. */
  readonly sessionClaims?: GivenClaims | undefined;
  /** Default `default`. */
  readonly clientId?: string | undefined;
  /** When the user logged in, whole seconds, not in the future. Default: now. For logins that are taken over. */
  readonly authTime?: number | undefined;
  /** Authentication methods (RFC 8176). Default `['pwd']`. */
  readonly amr?: readonly string[] | undefined;
  /** Authentication context class (RFC 9068 section 2.2.1), such as `urn:mace:incommon:iap:silver`. */
  readonly acr?: string | undefined;
  /**
   * Who acts for the subject (RFC 8693), with the generation of that one's token: `{ sub: user.sub, generation:
   * user.gen }`. The session ends with either of the two, an hour from now at the latest, and passes no
   * `@RequireRecentAuth()`. It ends no session of the subject when it is opened, but later logins count it for
   * `maxSessionsPerSubject`: leave room there for those who act, and end such a session as soon as it is done.
   */
  readonly act?: Actor | undefined;
  /**
   * Whether the session outlives the browser. One that does not has cookies without an end of their own, and is idle
   * after a day at the latest. Default: the option `cookies.persistent`.
   */
  readonly persistent?: boolean | undefined;
  /**
   * The session whose cookies the answer replaces, as `TokenResponder.sessionReplacedBy()` finds it. It ends as
   * `session_replaced` once the new one is open, and one of the same subject takes no room. If that fails, the login
   * stands, and ending is tried again.
   */
  readonly replaces?: ReplacedSession | undefined;
}

/** A session that a login takes the place of. */
export interface ReplacedSession {
  /** The user of the session that is replaced. */
  readonly sub: string;
  /** The session that is replaced. */
  readonly sid: string;
}

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/**
 * What a host may say of how somebody logged in. Pure.
 * @param call whose mistake it is, for the message
 * @param now milliseconds
 * @throws AuthConfigError
 */
export function checkLogin(
  call: string,
  { authTime, amr }: { readonly authTime?: number; readonly amr?: readonly string[] },
  now: number,
): void {
  if (authTime !== undefined && !(isWhole(authTime) && authTime * 1000 <= now)) {
    throw new AuthConfigError(`${call} needs an authTime in whole seconds that is not in the future`);
  }
  if (amr !== undefined && !(Array.isArray(amr) && amr.every((method) => typeof method === 'string'))) {
    throw new AuthConfigError(`${call} needs an amr that is a list of names`);
  }
}

/**
 * The part of a login that only a mistake in the host can get wrong. Pure.
 * @param now milliseconds
 * @throws AuthConfigError
 */
export function checkSessionRequest(request: SessionRequest, now: number): void {
  const { generation, claimsReadAt, acr, act, persistent } = request;
  checkLogin('open()', request, now);
  if (generation !== undefined && !isWhole(generation)) {
    throw new AuthConfigError('open() needs a generation that is a whole number, 0 or more');
  }
  if (claimsReadAt !== undefined && !isWhole(claimsReadAt)) {
    throw new AuthConfigError('open() needs a claimsReadAt in whole milliseconds, such as Date.now()');
  }
  if (acr !== undefined && (typeof acr !== 'string' || acr === '' || acr.length > 255)) {
    throw new AuthConfigError('open() needs an acr that is a text of 1 to 255 characters');
  }
  if (act !== undefined && !(typeof act?.sub === 'string' && act.sub !== '' && isWhole(act.generation))) {
    throw new AuthConfigError('open() needs an act with the sub and the generation of the actor');
  }
  if (persistent !== undefined && typeof persistent !== 'boolean') {
    throw new AuthConfigError('open() needs a persistent that is true or false');
  }
}
