import { Inject, Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { partsOrRefusal, ROUTE_PARTS, type RouteParts } from '../routing/route-parts.js';
import { hasMetDemands } from './met-demands.js';

/**
 * Comes with `@RequireRecentAuth()`, `@RequireRole()`, `@RequireScope()` and `@RequireLiveSession()`. {@link JwtAuthGuard}
 * is what checks them; where it has not run for this message, because it was forgotten or comes later, it is asked here, so
 * that no such route is ever open.
 */
@Injectable()
export class RouteDemandsGuard implements CanActivate {
  private readonly parts: RouteParts;

  /** @throws AuthConfigError where the module of the route does not see `AuthModule` */
  constructor(@Optional() @Inject(ROUTE_PARTS) parts?: RouteParts) {
    this.parts = partsOrRefusal(
      parts,
      '@RequireRole(), @RequireScope(), @RequireRecentAuth() or @RequireLiveSession()',
    );
  }

  canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    return hasMetDemands(context) || this.parts.guard.canActivate(context);
  }
}
