import type { Type } from '@nestjs/common';
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { mountedPaths } from '../routing/mounted-paths.js';
import { LogoutController } from './logout.controller.js';
import { JWKS_ROUTE } from './root-routes.js';
import { RefreshController } from './refresh.controller.js';

/** What reads the refresh cookie. */
const READERS: readonly (readonly [Type, string])[] = [
  [RefreshController, 'refresh'],
  [LogoutController, 'logout'],
];

/**
 * The path below which the session routes answer, for the cookie that goes there alone. Where they answer at several
 * paths, what all of them share. Where the host has routes of its own, the global prefix, as far as nothing is excluded
 * from it.
 */
export function sessionRoutesPath(modules: ModulesContainer, application: ApplicationConfig): string {
  const routes = READERS.flatMap(([controller, handler]) => mountedPaths(modules, application, controller, handler));
  if (routes.length > 0) return sharedPath(routes.map((path) => segments(path).slice(0, -1)));
  const exclude = application.getGlobalPrefixOptions().exclude?.filter((route) => route !== JWKS_ROUTE);
  return sharedPath([exclude?.length ? [] : segments(application.getGlobalPrefix())]);
}

const segments = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

function sharedPath([first = [], ...others]: readonly (readonly string[])[]): string {
  const differ = first.findIndex((segment, at) => others.some((other) => other[at] !== segment));
  return `/${first.slice(0, differ === -1 ? first.length : differ).join('/')}`;
}
