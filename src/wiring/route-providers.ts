import type { Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, ApplicationConfig, ModulesContainer, Reflector } from '@nestjs/core';
import { GUARD_PARTS_PROVIDER } from '../guards/guard-parts.js';
import { JwtAuthGuard } from '../guards/jwt-auth.guard.js';
import { STREAM_BINDING } from '../interceptors/session-bound.interceptor.js';
import { SlidingSessionInterceptor } from '../interceptors/sliding-session.interceptor.js';
import type { SlidingOn } from '../options/options.js';
import { ModuleCheck } from '../routing/module-check.js';
import { MADE_ONCE } from '../routing/made-once.js';
import { reachProvider } from '../routing/reach-check.js';
import { ROUTE_MEANS, RouteCheck, type RouteMeans } from '../routing/route-check.js';
import { FILLED_ROUTE_PARTS, ROUTE_PARTS, type RouteParts } from '../routing/route-parts.js';
import { AuthExceptionFilter } from '../transport/auth-exception.filter.js';

/** What the routes of a host need of `AuthModule` and of `ResourceServerModule` alike, beside the module's `ROUTE_MEANS`. */
export const routeProviders = (guard: 'manual' | 'global'): Provider[] => [
  {
    provide: FILLED_ROUTE_PARTS,
    inject: [ROUTE_PARTS, JwtAuthGuard, SlidingSessionInterceptor],
    useFactory: (parts: RouteParts, jwtGuard: JwtAuthGuard, sliding: SlidingSessionInterceptor) =>
      Object.assign(parts, { guard: jwtGuard, sliding }),
  },
  { provide: ROUTE_PARTS, useFactory: () => ({}) },
  GUARD_PARTS_PROVIDER,
  {
    provide: ModuleCheck,
    inject: [ROUTE_MEANS, ModulesContainer, Reflector, ApplicationConfig],
    useFactory: (means: RouteMeans, modules: ModulesContainer, reflector: Reflector, application: ApplicationConfig) =>
      new ModuleCheck(means, modules, reflector, application),
  },
  {
    provide: RouteCheck,
    inject: [ROUTE_MEANS, ModulesContainer, Reflector],
    useFactory: (means: RouteMeans, modules: ModulesContainer, reflector: Reflector) =>
      new RouteCheck(means, modules, reflector),
  },
  reachProvider(guard),
  STREAM_BINDING,
  MADE_ONCE,
];

/** What Nest asks on every route. `useExisting`, so that a host's tests can replace the guard. */
export const globalProviders = (guard: 'manual' | 'global', slidingOn: SlidingOn): Provider[] => [
  { provide: APP_FILTER, useExisting: AuthExceptionFilter },
  ...(guard === 'global' ? [{ provide: APP_GUARD, useExisting: JwtAuthGuard }] : []),
  ...(slidingOn === 'all' ? [{ provide: APP_INTERCEPTOR, useExisting: SlidingSessionInterceptor }] : []),
];
