import type { OpenAPIObject } from '@nestjs/swagger';
import { describeRoutes } from './describe-routes.js';

/**
 * Adds the security scheme `bearer` of the session routes to the configuration of a document, as
 * `DocumentBuilder.addBearerAuth()` does. The routes themselves are described in every document.
 *
 * @example
 * ```ts
 * const config = describeAuth(new DocumentBuilder().setTitle('Shop').build());
 * SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config));
 * ```
 */
export function describeAuth<Config extends Omit<OpenAPIObject, 'paths'>>(config: Config): Config {
  describeRoutes();
  const { components } = config;
  const securitySchemes = {
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } as const,
    ...components?.securitySchemes,
  };
  return { ...config, components: { ...components, securitySchemes } };
}
