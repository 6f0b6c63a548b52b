import { AuthError } from '../auth.errors.js';
import { isRecentAuth } from '../sessions/recent-auth.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';

/** What a route wants of a caller beyond a good token. */
export interface RouteDemands {
  /** Seconds since the login, at most. */
  readonly maxAge?: number;
  /** One of them. */
  readonly roles?: readonly string[];
  /** All of them. */
  readonly scopes?: readonly string[];
  /** Whether the store is asked for the session: not judged by the token. */
  readonly live?: boolean;
}

/**
 * What a caller does not meet, or null. Roles and scopes first: nobody should give a password to be told no.
 * @param now milliseconds
 */
export function unmetDemand(claims: AccessTokenClaims, demands: RouteDemands, now: number): AuthError | null {
  const { maxAge, roles, scopes } = demands;
  if (roles && !roles.some((role) => rolesOf(claims).includes(role))) {
    const named = roles.map((role) => `'${role}'`).join(' or ');
    return new AuthError('forbidden', `This requires the role ${named}.`);
  }
  if (scopes && !scopes.every((scope) => scopesOf(claims).includes(scope))) {
    const scope = scopes.join(' ');
    return new AuthError('insufficient_scope', `This requires the scope '${scope}'.`, { scope });
  }
  if (maxAge !== undefined && claims.act) {
    return new AuthError('forbidden', 'This needs the user: somebody who acts for the user cannot do it.');
  }
  if (maxAge !== undefined && !isRecentAuth(claims.auth_time, maxAge, now)) {
    const message = `This requires a login of the last ${maxAge} s. Give the password again.`;
    return new AuthError('insufficient_user_authentication', message, { maxAge });
  }
  return null;
}

/** A token of a machine passes `@RequireScope()` and nothing else, so that no route for people serves one by mistake. */
export const admitsMachines = ({ demands, live }: { demands: RouteDemands | null; live: boolean }): boolean =>
  !live && demands?.scopes !== undefined && demands.roles === undefined && demands.maxAge === undefined;

export const noMachines = (): AuthError =>
  new AuthError(
    'forbidden',
    'This route is for people. The token of a client passes only routes that require a scope.',
  );

/** A list (RFC 9068 section 2.2.3.1); in a string `includes` would find parts of names. */
const rolesOf = ({ roles }: AccessTokenClaims): readonly unknown[] => (Array.isArray(roles) ? roles : []);

/** Names with blanks between them (RFC 8693 section 4.2). */
const scopesOf = ({ scope }: AccessTokenClaims): readonly string[] =>
  typeof scope === 'string' ? scope.split(' ') : [];
