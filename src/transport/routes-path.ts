import { VersioningType } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';

/**
 * The path below which the session routes answer, for the cookie that goes there alone: with the application's global
 * prefix and version. Where they answer on several paths, or the host has routes of its own, what all of them share.
 *
 * @param path of the routes; undefined where the library brings none
 */
export function routesPath(application: ApplicationConfig, path: string | undefined): string {
  const prefix = application.getGlobalPrefix();
  const versioning = application.getVersioning();
  const version = versioning?.type === VersioningType.URI ? versioning.defaultVersion : undefined;
  const [shared, own] = [segments(prefix), segments(path ?? '')];
  if (path === undefined || Array.isArray(version)) return `/${shared.join('/')}`;
  const versioned = typeof version === 'string' ? [`${versionPrefix(versioning!)}${version}`] : [];
  return `/${[...shared, ...versioned, ...own].join('/')}`;
}

const segments = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

function versionPrefix(versioning: NonNullable<ReturnType<ApplicationConfig['getVersioning']>>): string {
  const prefix = versioning.type === VersioningType.URI ? versioning.prefix : undefined;
  return prefix === false ? '' : (prefix ?? 'v');
}
