import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { tokenOf } from '../streams/auth-session.js';

/**
 * The access token that the guard has let in, for a call to another service in the name of the caller; undefined on a
 * route that let an anonymous caller in. Never to be logged or kept.
 *
 * @example
 * ```ts
 * list(@CurrentToken() token: string) {
 *   return this.orders.send('orders.list', withAccessToken({ page: 1 }, token));
 * }
 * ```
 */
export const CurrentToken: () => ParameterDecorator = createParamDecorator(
  (_: undefined, context: ExecutionContext): string | undefined => tokenOf(context),
);
