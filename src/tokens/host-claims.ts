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
  const fault = faultOf(claims, 'claims');
  if (fault !== undefined) {
    throw new AuthConfigError(
      `${fault}, given by ${from}. A token holds what JSON does: plain objects, lists, text, finite numbers, true, false ` +
        'and null. Write { roles: user.roles } in place of the whole user, String(id) for an id, date.toISOString() for a date',
    );
  }
  // `__proto__` would be lost on the way, and a name that every object has is a trap for who reads the claims.
  const taken = Object.keys(claims).filter((name) => REGISTERED_CLAIMS.has(name) || name in Object.prototype);
  if (taken.length > 0) throw new AuthConfigError(`claims: ${taken.join(', ')} cannot be set by the host`);
  const bytes = Buffer.byteLength(JSON.stringify(claims));
  if (bytes > limit) throw claimsTooLarge(`${from} gave claims of ${bytes} bytes as JSON`, limit);
}

/** What would not come out of a token as it went in; undefined for what does. A member that is undefined is left out. */
function faultOf(value: unknown, path: string, above: readonly unknown[] = []): string | undefined {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`;
  if (typeof value !== 'object') return `${path} is a ${typeof value}`;
  if (above.includes(value)) return `${path} contains itself`;
  const members = Array.isArray(value)
    ? value.map((member: unknown, index) => [`${path}[${index}]`, member] as const)
    : Object.entries(value).flatMap(([name, member]) =>
        member === undefined ? [] : [[`${path}.${name}`, member] as const],
      );
  if (!Array.isArray(value) && !isPlain(value))
    return `${path} is an instance of ${value.constructor?.name ?? 'a class'}`;
  for (const [at, member] of members) {
    const fault = faultOf(member, at, [...above, value]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** By shape, since a claim may come from another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @param fault what is too large, for the log: no names and no values */
const claimsTooLarge = (fault: string, limit: number): AuthError =>
  new AuthError('claims_too_large', 'The service has more to say of this user than a token can carry.', {
    fault: `${fault}; claimsLimit allows ${limit}. Give less, or raise claimsLimit.`,
  });
