import type { CanActivate, NestInterceptor } from '@nestjs/common';
import { AuthConfigError } from '../auth.errors.js';

/**
 * What the decorators of a route bring in. A decorator stands in modules that need not know a class of Keyturn, and in
 * libraries that may have loaded the other copy of it (CommonJS beside ESM); so it asks for these, by {@link ROUTE_PARTS}.
 */
export interface RouteParts {
  /** The guard that checks what a route demands. */
  guard: CanActivate;
  /** What renews tokens on routes that slide. */
  sliding: NestInterceptor;
}

/** DI token of the {@link RouteParts}. It waits for nothing: its members are there when the application is initialized. */
export const ROUTE_PARTS = Symbol.for('keyturn:route-parts');

/** DI token of what fills in the {@link RouteParts}. */
export const FILLED_ROUTE_PARTS = Symbol.for('keyturn:filled-route-parts');

/** For a module whose class itself stands in `imports`: it would bring nothing, without a word. */
export const withoutOptions = (module: string, options: string): AuthConfigError =>
  new AuthConfigError(`${module} stands in imports without its options. Write ${module}.forRoot(${options})`);

/**
 * The parts, or a refusal of the start where the module of a route cannot see them.
 * @param decorators for whom they are asked
 */
export function partsOrRefusal<T>(parts: T | undefined, decorators: string): T {
  if (parts) return parts;
  throw new AuthConfigError(
    `${decorators} stands in a module that does not see AuthModule. Write isGlobal: true beside guard in ` +
      'AuthModule.forRoot() (or ResourceServerModule.forRoot()), or import it in the module of that controller',
  );
}
