import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { WhenStale as Policy } from '../options/options.js';
import { LIVE_SESSION_METADATA, WHEN_STALE_METADATA } from '../routing/route-metadata.js';
import { demand } from './demand.decorators.js';

/**
 * What this route does while the revocation list is too old, in place of `revocation.whenStale`: `accept` goes on as with
 * any JWT, `check` asks the store, `reject` answers 503.
 *
 * @example
 * ```ts
 * @WhenStale('reject')
 * @Delete('account')
 * remove() {}
 * ```
 */
export const WhenStale = (policy: Policy): CustomDecorator => SetMetadata(WHEN_STALE_METADATA, policy);

/**
 * Asks the store on every request whether the session is alive: for the few routes where even a moment counts. Like
 * `@RequireRole()`, it guards its route by itself.
 *
 * @example
 * ```ts
 * @RequireLiveSession()
 * @Post('payout')
 * payout() {}
 * ```
 */
export const RequireLiveSession = (): MethodDecorator & ClassDecorator => demand(LIVE_SESSION_METADATA, true);
