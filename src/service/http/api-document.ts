import type { INestApplication } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { AuthError } from '../../index.js';
import { describeAuth } from '../../openapi/index.js';
import { API_PAGE } from './api-page-path.js';

/** The OpenAPI document of what exists in an application; a test holds every answer against it. */
export function apiDocument(app: INestApplication): OpenAPIObject {
  const config = describeAuth(
    new DocumentBuilder()
      .setOpenAPIVersion('3.1.0')
      .setTitle('Keyturn')
      .setVersion('1')
      .setDescription(
        'Token sessions: short access tokens, refresh tokens that are used once, sessions that slide. After a login on ' +
          'this page the other calls carry its access token; **Authorize** takes any other.',
      )
      // Wherever the page was opened from: another address of the same service would be another origin.
      .addServer('/')
      .build(),
  );
  const document = SwaggerModule.createDocument(app, config);
  for (const schema of Object.values(document.components?.schemas ?? {})) {
    if ('properties' in schema) Object.assign(schema, { additionalProperties: false });
  }
  return document;
}

/** The document as a page, and as JSON beside it, on an adapter that listens nowhere. */
export async function apiPages(app: NestFastifyApplication): Promise<FastifyInstance> {
  const adapter = new FastifyAdapter();
  const shelf = Object.create(app, { getHttpAdapter: { value: () => adapter } }) as NestFastifyApplication;
  SwaggerModule.setup(API_PAGE, shelf, () => apiDocument(app), {
    jsonDocumentUrl: `${API_PAGE}.json`,
    raw: ['json'],
    swaggerOptions: { responseInterceptor: takeToken },
  });
  const pages = adapter.getInstance<FastifyInstance>();
  const missing = new AuthError('not_found', 'There is no such page.');
  pages.setNotFoundHandler((_request, reply) => reply.code(missing.getStatus()).send(missing.getResponse()));
  await pages.ready();
  return pages;
}

/* Runs in the browser: it is sent there as its own text, so it must not refer to anything of this file. */
function takeToken(response: { obj?: { access_token?: string } }) {
  const token = response.obj?.access_token;
  const page = globalThis as unknown as { ui: { preauthorizeApiKey: (scheme: string, token: string) => void } };
  if (token) page.ui.preauthorizeApiKey('bearer', token);
  return response;
}
