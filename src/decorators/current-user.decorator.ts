import { createParamDecorator, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common';
import type { AuthUser } from '../auth.claims.js';
import { sessionOf, type AuthSession } from '../streams/auth-session.js';
import { carrierOf, userOf } from '../transport/request-context.js';

export type { AuthUser } from '../auth.claims.js';

/** @returns the user, or undefined on a route that let an anonymous caller in */
export function currentUser(context: ExecutionContext): AuthUser | undefined {
  return userOf(carrierOf(context)) as AuthUser | undefined;
}

/**
 * The caller, or one of its claims.
 *
 * @example
 * ```ts
 * add(@CurrentUser() user: AuthUser, @CurrentUser('sub', ParseIntPipe) id: number) {}
 * ```
 */
export const CurrentUser: CurrentUserDecorator = createParamDecorator(
  (claim: string | undefined, context: ExecutionContext) => {
    const user = currentUser(context);
    return claim === undefined ? user : user?.[claim as keyof AuthUser];
  },
);

type Pipe = Type<PipeTransform> | PipeTransform;

/** Names of claims are offered by editors; one that is not declared is taken too. */
interface CurrentUserDecorator {
  (claim?: ClaimName, ...pipes: Pipe[]): ParameterDecorator;
  (...pipes: Pipe[]): ParameterDecorator;
}

// oxlint-disable-next-line typescript/no-redundant-type-constituents -- editors offer the names for it
type ClaimName = (keyof AuthUser & string) | (string & {});

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
