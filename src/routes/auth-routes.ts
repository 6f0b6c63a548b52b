import { Controller, UseFilters, type Type } from '@nestjs/common';
import type { ModeTraits } from '../options/session-mode.js';
import { CheckController } from './check.controller.js';
import { JwksController } from './jwks.controller.js';
import type { RouteErrors } from '../transport/route-answers.js';
import { LogoutController } from './logout.controller.js';
import { RefreshController } from './refresh.controller.js';
import { RouteErrorsFilter } from './route-errors.filter.js';
import { RenewController } from './renew.controller.js';
import { SessionsController } from './sessions.controller.js';

/**
 * A controller below a path that is known only at run time. A class of its own for each call, since the path is
 * metadata of the class.
 */
export function mountAt(path: string, controller: Type): Type {
  const mounted = { [controller.name]: class extends controller {} }[controller.name]!;
  Controller(path)(mounted);
  return mounted;
}

/**
 * The session routes of a strategy below a path; the JWKS stays where every verifier looks for it.
 * @param errors who writes their error answers
 */
export function authRoutes(path: string, { keepsSessions, renews }: ModeTraits, errors: RouteErrors): Type[] {
  const controllers = [
    ...(keepsSessions ? [RefreshController, SessionsController] : []),
    ...(renews ? [RenewController] : []),
    LogoutController,
    CheckController,
  ];
  const mounted = controllers.map((controller) => mountAt(path, controller));
  if (errors === 'keyturn') for (const controller of mounted) UseFilters(RouteErrorsFilter)(controller);
  return [...mounted, JwksController];
}
