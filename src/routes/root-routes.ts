import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';

/** Where verifiers look for the keys of an issuer without a path. */
export const JWKS_PATH = '/.well-known/jwks.json';

/** The exclusion of it from a global prefix. One object, since Nest recognizes an exclusion by its identity. */
export const JWKS_ROUTE = {
  path: JWKS_PATH,
  pathRegex: /^\/\.well-known\/jwks\.json\/?$/,
  requestMethod: RequestMethod.GET,
};

/** Keeps the JWKS out of the global prefix of the host, as the `exclude` of `setGlobalPrefix()` does. */
@Injectable()
export class RootRoutes {
  constructor(@Inject(ApplicationConfig) application: ApplicationConfig) {
    const chosen = application.getGlobalPrefixOptions.bind(application);
    application.getGlobalPrefixOptions = () => {
      const options = chosen();
      return { ...options, exclude: [...(options.exclude ?? []), JWKS_ROUTE] };
    };
  }
}
