import { Controller, type Type } from '@nestjs/common';
import { JwksController } from './jwks.controller.js';
import { RefreshController } from './refresh.controller.js';
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

/** The session routes below a path; the JWKS stays where every verifier looks for it. */
export const authRoutes = (path: string): Type[] => [
  mountAt(path, RefreshController),
  mountAt(path, SessionsController),
  JwksController,
];
