import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { SLIDING_METADATA } from '../guards/route-rules.js';
import { SlidingSessionInterceptor } from '../interceptors/sliding-session.interceptor.js';

/**
 * A successful answer of the route renews the caller's access token, once the present one is past its share of life
 * (`sliding.renewAfter`). For what shows that somebody is at work: adding to a cart, starting a draft.
 *
 * @example
 * ```ts
 * @SlidingSession()
 * @Post('items')
 * add(@CurrentUser() user: AuthUser) {}
 * ```
 */
export const SlidingSession = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(SLIDING_METADATA, {}), UseInterceptors(SlidingSessionInterceptor));
