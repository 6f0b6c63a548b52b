import { applyDecorators, SetMetadata, UseInterceptors, type CustomDecorator } from '@nestjs/common';
import { OPTIONS } from '../options/auth-options.js';
import { refuseUnknown } from '../options/option-table.js';
import { SLIDING_METADATA, type SlidingRule } from '../routing/route-metadata.js';
import { RouteSlidingInterceptor } from '../interceptors/route-sliding.interceptor.js';

/** What a route says of its sliding; what it leaves out is the module's option of that name. */
export type SlidingSessionOptions = SlidingRule;

/**
 * A successful answer of the route renews the caller's access token, once the present one is past its share of life.
 * For what shows that somebody is at work: adding to a cart, starting a draft, also by a GET. On a method or a class;
 * the method outweighs the class.
 *
 * @throws AuthConfigError when the class is loaded, for an option that is unknown or out of range
 * @example
 * ```ts
 * @SlidingSession({ extendSession: true })
 * @Post('items')
 * add(@CurrentUser() user: AuthUser) {}
 * ```
 */
export function SlidingSession(options: SlidingSessionOptions = {}): MethodDecorator & ClassDecorator {
  const { renewAfter, extendSession } = OPTIONS.sliding;
  refuseUnknown(options, ['renewAfter', 'extendSession'], '@SlidingSession()');
  renewAfter.check(options.renewAfter, '@SlidingSession() renewAfter');
  extendSession.check(options.extendSession, '@SlidingSession() extendSession');
  return applyDecorators(SetMetadata(SLIDING_METADATA, options), UseInterceptors(RouteSlidingInterceptor));
}

/**
 * The route renews nothing, though its class is marked, or `sliding.on` is `all`: for pages that ask again by
 * themselves, which show nobody at work.
 *
 * @example
 * ```ts
 * @NoSliding()
 * @Get('unread')
 * unread() {}
 * ```
 */
export const NoSliding = (): CustomDecorator => SetMetadata(SLIDING_METADATA, false);
