import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { API_PAGE } from './api-page-path.js';

/**
 * Serves the OpenAPI document as a page, and as JSON beside it. Swagger is a third of all that the service would load, so
 * it comes with the first visit.
 * @param atRoot whether `/` leads to the page
 */
export function addApiPage(app: NestFastifyApplication, { atRoot }: { readonly atRoot: boolean }): void {
  const fastify = app.getHttpAdapter().getInstance();
  let pages: Promise<FastifyInstance> | undefined;
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    pages ??= import('./api-document.js').then(({ apiPages }) => apiPages(app));
    const page = await pages;
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value!);
    page.routing(request.raw, reply.raw);
  };
  for (const path of [`/${API_PAGE}`, `/${API_PAGE}.json`, `/${API_PAGE}/*`]) fastify.get(path, answer);
  if (atRoot) fastify.get('/', (_request, reply) => reply.redirect(`/${API_PAGE}`));
}
