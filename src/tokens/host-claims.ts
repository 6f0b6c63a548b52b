import { AuthConfigError, AuthError } from '../auth.errors.js';
import { REGISTERED_CLAIMS } from './claims-rules.js';

/**
 * Claims of the host, as they may go into a token.
 *
 * @param limit bytes as JSON; see the option `claimsLimit`
 * @param from what gave them, for the log
 * @throws AuthConfigError for what is no object, for a registered name, and for one of `Object.prototype`
 * @throws AuthError `claims_too_large`
 */
export function checkHostClaims(claims: Readonly<Record<string, unknown>>, limit: number, from = 'the host'): void {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    throw new AuthConfigError(`claims: ${from} must give an object`);
  }
  // `__proto__` would be lost on the way, and a name that every object has is a trap for who reads the claims.
  const taken = Object.keys(claims).filter((name) => REGISTERED_CLAIMS.has(name) || name in Object.prototype);
  if (taken.length > 0) throw new AuthConfigError(`claims: ${taken.join(', ')} cannot be set by the host`);
  const bytes = Buffer.byteLength(JSON.stringify(claims));
  if (bytes > limit) throw claimsTooLarge(`${from} gave claims of ${bytes} bytes as JSON`, limit);
}

/** @param fault what is too large, for the log: no names and no values */
export const claimsTooLarge = (fault: string, limit: number): AuthError =>
  new AuthError('claims_too_large', 'The service has more to say of this user than a token can carry.', {
    fault: `${fault}; claimsLimit allows ${limit}. Give less, or raise claimsLimit.`,
  });
