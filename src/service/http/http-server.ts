import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';

/** How long a client may take, and how much it may send. Milliseconds and bytes. */
export interface HttpLimits {
  readonly headers: number;
  readonly request: number;
  /** How often Node looks for requests that are over their time; by default each 30 s. */
  readonly checkEvery: number;
  readonly connections: number;
}

/** A client on a bad line sends its 16 KiB in time; one that sends a byte a minute does not hold a connection. */
const HTTP_LIMITS: HttpLimits = { headers: 10_000, request: 30_000, checkEvery: 2_000, connections: 10_000 };

const MAX_BODY_BYTES = 16 * 1024;

/**
 * The HTTP server of the service.
 * @param trustProxy addresses and ranges of proxies whose `X-Forwarded-For` counts
 */
export function httpServer(trustProxy: readonly string[], limits: HttpLimits = HTTP_LIMITS): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: limits.request,
    http: { headersTimeout: limits.headers, connectionsCheckingInterval: limits.checkEvery },
    // On a stop, requests under way are answered, and idle connections are not waited for.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    // Ours alone: what a client calls its request is told beside it.
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    frameworkErrors: refuseUnroutable,
    // Else Fastify loads ajv and fast-json-stringify at each start: 90 files that nothing here needs.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  });
  adapter.getInstance().server.maxConnections = limits.connections;
  return adapter;
}

/** Fastify asks for it at the first route with a JSON schema. Ours check bodies by classes (`bodies.ts`). */
function noSchemas(): never {
  throw new Error('Routes of the service have no JSON schema: give the body a class.');
}

/** What is refused before any route is found, such as an address that cannot be decoded, in the shape of all errors. */
function refuseUnroutable(error: { readonly statusCode?: number }, _request: unknown, reply: FastifyReply): void {
  const statusCode = error.statusCode ?? 400;
  const message = 'The address of the request is not valid.';
  void reply
    .header('X-Content-Type-Options', 'nosniff')
    .status(statusCode)
    .send({ statusCode, error: STATUS_CODES[statusCode], code: 'invalid_request', message });
}
