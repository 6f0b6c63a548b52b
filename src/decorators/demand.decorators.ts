import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { parseDuration, SECOND, type Duration } from '../options/durations.js';
import { SCOPE_NAME } from '../options/scope-form.js';
import { AuthConfigError } from '../auth.errors.js';
import { RouteDemandsGuard } from '../guards/route-demands.guard.js';
import { MAX_AGE_METADATA, ROLES_METADATA, SCOPES_METADATA } from '../routing/route-metadata.js';

type RouteDecorator = MethodDecorator & ClassDecorator;

/*
 * Each of these makes its route a guarded one by itself, whatever else was forgotten, and outweighs `@OptionalAuth()`
 * and `@Public()`; only a `@Public()` on a method lifts what its class demands. Of one kind the method outweighs the class,
 * different kinds add up.
 */
export const demand = (key: string, value: unknown): RouteDecorator =>
  applyDecorators(SetMetadata(key, value), UseGuards(RouteDemandsGuard));

/**
 * Lets in whose password was given at most `maxAge` ago, by `auth_time`; anybody else gets a 401
 * `insufficient_user_authentication` with an RFC 9470 challenge that names `max_age`. Sliding and refreshing do not
 * make a login younger; `SessionService.reissue` does.
 *
 * @param maxAge such as `'5m'`; whole seconds, at least one
 * @throws AuthConfigError when the class is loaded
 * @example
 * ```ts
 * @RequireRecentAuth('5m')
 * @Post('checkout')
 * pay() {}
 * ```
 */
export function RequireRecentAuth(maxAge: Duration): RouteDecorator {
  const seconds = parseDuration(maxAge, '@RequireRecentAuth()') / SECOND;
  if (!Number.isInteger(seconds) || seconds < 1) {
    throw new AuthConfigError(`@RequireRecentAuth() is '${maxAge}'; it must be whole seconds, at least one`);
  }
  return demand(MAX_AGE_METADATA, seconds);
}

/**
 * Lets in who has *one* of the roles, by the claim `roles`, a list (RFC 9068 section 2.2.3.1); anybody else gets 403
 * `forbidden`.
 *
 * @throws AuthConfigError when the class is loaded, for a name that is empty
 * @example
 * ```ts
 * @RequireRole('admin', 'staff')
 * @Controller('orders')
 * export class OrdersController {}
 * ```
 */
export function RequireRole(...roles: [string, ...string[]]): RouteDecorator {
  return demand(ROLES_METADATA, names('@RequireRole()', roles, /./));
}

/**
 * Lets in whose token was granted *all* of the scopes, by the claim `scope`, names with blanks between them (RFC 8693
 * section 4.2); anybody else gets 403 `insufficient_scope` with a challenge that names them (RFC 6750 section 3.1).
 *
 * @throws AuthConfigError when the class is loaded, for a name that RFC 6749 section 3.3 does not allow
 * @example
 * ```ts
 * @RequireScope('cart:write')
 * @Post('items')
 * add() {}
 * ```
 */
export function RequireScope(...scopes: [string, ...string[]]): RouteDecorator {
  return demand(SCOPES_METADATA, names('@RequireScope()', scopes, SCOPE_NAME));
}

/** A list that is empty, as one spread from a configuration may be, would ask for nothing, or for nobody. */
function names(decorator: string, given: readonly string[], form: RegExp): readonly string[] {
  if (given.length > 0 && given.every((name) => typeof name === 'string' && form.test(name))) return given;
  const takes = "takes at least one name, each as a text of its own ('a', 'b')";
  throw new AuthConfigError(`${decorator} ${takes}, and has ${JSON.stringify(given)}`);
}
