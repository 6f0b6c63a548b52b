import { parse } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import { AuthError } from '../../index.js';

/**
 * Lets forms in below one path, where OAuth's own routes are; everywhere else they stay a 415. A parameter that comes
 * twice becomes a list, which those routes refuse.
 */
export function acceptForms(fastify: FastifyInstance, path: string): void {
  fastify.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => {
    if (!isBelow(path, request.url)) done(new AuthError('unsupported_media_type', 'Send JSON.'));
    else done(null, parse(body as string));
  });
}

/** Whether a request is for a route below a path, such as `oauth`. */
export const isBelow = (path: string, url: string): boolean => url.startsWith(`/${path}/`);
