import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { sessionOf, type AuthSession } from '../streams/auth-session.js';
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

/**
 * The caller's session, see {@link AuthSession}; undefined on a route that let an anonymous caller in.
 *
 * @example
 * ```ts
 * @Sse('prices')
 * prices(@CurrentSession() session: AuthSession) {
 *   session.signal.addEventListener('abort', () => this.feed.leave(session.id));
 *   return this.feed.join(session.id);
 * }
 * ```
 */
export const CurrentSession: () => ParameterDecorator = createParamDecorator(
  (_: undefined, context: ExecutionContext): AuthSession | undefined => sessionOf(context),
);
