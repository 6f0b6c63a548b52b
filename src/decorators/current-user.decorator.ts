import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { messageSource, userOf } from '../transport/request-context.js';

/**
 * The host's own claims in an access token. A host declares them once:
 *
 * @example
 * ```ts
 * declare module 'keyturn' {
 *   interface RegisteredClaims {
 *     roles: string[];
 *   }
 * }
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- made for declaration merging
export interface RegisteredClaims {}

/** Who is calling: the verified claims of the access token. Frozen, and shared between requests of one token. */
export type AuthUser<Claims = RegisteredClaims> = AccessTokenClaims & Readonly<Claims>;

/** The session behind a request, as its access token tells it. Times are whole seconds since the epoch. */
export interface AuthSession {
  readonly id: string;
  readonly sub: string;
  readonly clientId: string;
  /** When the password was last given. */
  readonly authTime: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Until when sliding can reach; absent where nothing slides. */
  readonly renewUntil?: number;
}

/** @returns the user, or undefined on a route that let an anonymous caller in */
export function currentUser(context: ExecutionContext): AuthUser | undefined {
  return userOf(messageSource(context).carrier) as AuthUser | undefined;
}

/**
 * The caller, or one of its claims.
 *
 * @example
 * ```ts
 * add(@CurrentUser() user: AuthUser, @CurrentUser('sub') sub: string) {}
 * ```
 */
export const CurrentUser: (claim?: string) => ParameterDecorator = createParamDecorator(
  (claim: string | undefined, context: ExecutionContext) => {
    const user = currentUser(context);
    return claim === undefined ? user : user?.[claim];
  },
);

/** The caller's session, see {@link AuthSession}. */
export const CurrentSession: () => ParameterDecorator = createParamDecorator(
  (_: undefined, context: ExecutionContext): AuthSession | undefined => {
    const user = currentUser(context);
    return (
      user && {
        id: user.sid,
        sub: user.sub,
        clientId: user.client_id,
        authTime: user.auth_time,
        issuedAt: user.iat,
        expiresAt: user.exp,
        renewUntil: user.renew_until,
      }
    );
  },
);
