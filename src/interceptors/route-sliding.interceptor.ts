import {
  Inject,
  Injectable,
  Optional,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { partsOrRefusal, ROUTE_PARTS, type RouteParts } from '../routing/route-parts.js';

/** Comes with `@SlidingSession()`, and asks the {@link SlidingSessionInterceptor} of `AuthModule`. */
@Injectable()
export class RouteSlidingInterceptor implements NestInterceptor {
  private readonly parts: RouteParts;

  /** @throws AuthConfigError where the module of the route does not see `AuthModule` */
  constructor(@Optional() @Inject(ROUTE_PARTS) parts?: RouteParts) {
    this.parts = partsOrRefusal(parts, '@SlidingSession()');
  }

  intercept(context: ExecutionContext, next: CallHandler): ReturnType<NestInterceptor['intercept']> {
    return this.parts.sliding.intercept(context, next);
  }
}
