import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { hasMetDemands, JwtAuthGuard } from './jwt-auth.guard.js';

/**
 * Comes with `@RequireRecentAuth()`, `@RequireRole()` and `@RequireScope()`. {@link JwtAuthGuard} is what checks them;
 * where it has not run for this message, because it was forgotten or comes later, it is asked here, so that no such
 * route is ever open.
 */
@Injectable()
export class RouteDemandsGuard implements CanActivate {
  constructor(@Inject(JwtAuthGuard) private readonly guard: JwtAuthGuard) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return hasMetDemands(context) || this.guard.canActivate(context);
  }
}
