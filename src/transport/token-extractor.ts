import { AuthError } from '../auth.errors.js';
import type { IncomingRequest } from './request-context.js';

const SCHEME = /^bearer(?: |$)/i;
// Each blank that a header's value can hold. Looked for one by one: /\s/ over a whole token takes half a microsecond.
const BLANKS = [' ', '\t', '\u00a0'];

/**
 * The bearer token of a request (RFC 6750 section 2.1), from the `Authorization` header alone: never from the query
 * string, where tokens end in logs.
 *
 * @returns undefined where there is none, or another scheme
 * @throws AuthError `invalid_request` for two headers (Node keeps only the first, so the raw ones are counted), for
 * `Bearer` with nothing behind it, and for a token with a blank inside
 */
export function extractBearer(request: IncomingRequest): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || countAuthorization(request) > 1) {
    throw new AuthError('invalid_request', 'Send one Authorization header.');
  }
  if (!SCHEME.test(header)) return undefined;
  const token = header.slice(6).trim();
  if (token === '' || BLANKS.some((blank) => token.includes(blank))) {
    throw new AuthError('invalid_request', 'The Authorization header must be "Bearer", one blank, and the token.');
  }
  return token;
}

function countAuthorization({ rawHeaders, raw }: IncomingRequest): number {
  const names = rawHeaders ?? raw?.rawHeaders ?? [];
  let count = 0;
  for (let index = 0; index < names.length; index += 2) {
    const name = names[index]!;
    if (name.length === 13 && name.toLowerCase() === 'authorization') count++;
  }
  return count;
}
