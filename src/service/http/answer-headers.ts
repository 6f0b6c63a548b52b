import type { FastifyInstance } from 'fastify';
import { API_PAGE } from './api-page-path.js';

const YEAR = 365 * 24 * 60 * 60;

/** Answers are data: a browser that is led to one must load, run, frame and keep nothing of it. */
const OF_DATA = "default-src 'none'; frame-ancestors 'none'";
/** The API page is one that runs: its own scripts, and the styles that its package writes into it. */
const OF_PAGE =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * What every answer says to browsers, errors included. Nothing is kept by caches unless its route says so: an answer
 * is about one user, or a moment.
 *
 * @param https whether browsers come by TLS alone, in production
 */
export function addAnswerHeaders(fastify: FastifyInstance, { https }: { readonly https: boolean }): void {
  const ofData = {
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': OF_DATA,
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    ...(https && { 'Strict-Transport-Security': `max-age=${YEAR}` }),
  };
  const ofPage = { ...ofData, 'Content-Security-Policy': OF_PAGE };
  fastify.addHook('onRequest', (request, reply, done) => {
    const isPage = request.url === `/${API_PAGE}` || request.url.startsWith(`/${API_PAGE}/`);
    void reply.headers(isPage ? ofPage : ofData);
    done();
  });
}
