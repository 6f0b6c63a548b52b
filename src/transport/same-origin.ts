import type { IncomingRequest } from './request-context.js';

const SAFE_METHODS: ReadonlySet<unknown> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a request changes nothing (RFC 9110 section 9.2.1). A WebSocket's handshake, without a method, may. */
export const isSafe = ({ method }: IncomingRequest): boolean => SAFE_METHODS.has(method);

/**
 * Whether a request comes from a page that may rely on cookies: of the same origin, as the browser says (Fetch
 * Metadata), or of one of these. Without either header nobody can tell, so no.
 */
export function isSameOrigin({ headers }: IncomingRequest, origins: ReadonlySet<unknown>): boolean {
  return headers['sec-fetch-site'] === 'same-origin' || origins.has(headers.origin);
}
