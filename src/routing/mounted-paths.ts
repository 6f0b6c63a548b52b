import { RequestMethod, type Type } from '@nestjs/common';
import { MODULE_PATH, METHOD_METADATA, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';

const metadata = <T>(key: string, target: object): T | undefined => Reflect.getMetadata(key, target) as T | undefined;

/**
 * The paths at which a handler answers, as Nest mounts it: with the global prefix and what is excluded from it, URI
 * versions, and the paths of `RouterModule`. Asked of the class with which Nest itself joins them, so that it is never
 * another path. Known as soon as modules are initialised.
 *
 * @param controller the class, or one that mounted classes extend
 */
export function mountedPaths(
  modules: ModulesContainer,
  application: ApplicationConfig,
  controller: Type,
  handler: string,
): readonly string[] {
  const factory = new RoutePathFactory(application);
  const versioning = application.getVersioning();
  const prefix = application.getGlobalPrefix();
  return [...modules.values()].flatMap(({ controllers, metatype: module }) =>
    [...controllers.values()].flatMap(({ metatype }) => {
      if (typeof metatype !== 'function' || !isOf(metatype, controller)) return [];
      const method = (metatype.prototype as Record<string, object>)[handler]!;
      const version = versioning && (metadata<never>(VERSION_METADATA, metatype) ?? versioning.defaultVersion);
      return [metadata<string | string[]>(PATH_METADATA, metatype) ?? ''].flat().flatMap((ctrlPath) =>
        factory.create(
          {
            ctrlPath,
            methodPath: metadata<string>(PATH_METADATA, method),
            methodVersion: metadata<never>(VERSION_METADATA, method),
            controllerVersion: version,
            versioningOptions: versioning,
            modulePath:
              metadata<string>(MODULE_PATH + modules.applicationId, module) ?? metadata<string>(MODULE_PATH, module),
            globalPrefix: prefix && `/${prefix.replace(/^\/+/, '')}`,
          },
          metadata<RequestMethod>(METHOD_METADATA, method) ?? RequestMethod.GET,
        ),
      );
    }),
  );
}

const isOf = (candidate: Function, controller: Type): boolean =>
  candidate === controller || candidate.prototype instanceof controller;
