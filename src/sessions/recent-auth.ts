import { REGISTERED_CLAIMS, type AccessTokenClaims } from '../tokens/claims-rules.js';
import type { ReadClaims } from './token-grant.js';

/**
 * Whether a login is recent enough (RFC 9470). Pure. A token that does not say when its login was is never recent; a
 * login from the future, by a clock that is ahead, has no age.
 *
 * @param authTime `auth_time` of the token, whole seconds
 * @param maxAge seconds
 * @param now milliseconds
 */
export const isRecentAuth = (authTime: unknown, maxAge: number, now: number): boolean =>
  Number.isSafeInteger(authTime) && now - (authTime as number) * 1000 <= maxAge * 1000;

/** How the password was given again. */
export interface Reauthentication {
  /** Whole seconds. */
  readonly authTime: number;
  readonly amr?: readonly string[];
}

/**
 * The claims of a token after the password was given again. Pure: session, generation and the reach of sliding stay;
 * the host's claims are replaced as a whole, if they were read anew.
 */
export function reauthenticated(
  claims: AccessTokenClaims,
  { authTime, amr = claims.amr }: Reauthentication,
  fresh?: ReadClaims,
): AccessTokenClaims {
  const login = { auth_time: authTime, ...(amr && { amr }) };
  if (!fresh) return { ...claims, ...login };
  const registered = Object.entries(claims).filter(([name]) => REGISTERED_CLAIMS.has(name));
  const ours = Object.fromEntries(registered) as unknown as AccessTokenClaims;
  return { ...fresh.claims, ...ours, ...login, claims_at: fresh.readAt };
}

/**
 * The `exp` of that token: a whole life from now, but never past the session's absolute end. Pure; whole seconds.
 * @param absoluteEnd the record's; where there is none, the token tells how far its session may reach
 */
export const reissuedUntil = (
  { exp, renew_until: renewUntil }: AccessTokenClaims,
  now: number,
  accessTtl: number,
  absoluteEnd = renewUntil ?? exp,
): number => Math.min(now + accessTtl, absoluteEnd);
