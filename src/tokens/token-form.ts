import { AuthError, type AuthErrorDetails } from '../auth.errors.js';

/** The header members that decide how a token is verified. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid: string;
}

export const MAX_TOKEN_BYTES = 8 * 1024;
// Three parts of base64url in one look, since each part by itself takes twice the time.
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
// A last character whose unused bits are set decodes to the same bytes as another one: 16 or 4 spellings of a signature.
const LAST_OF_2 = 'AQgw';
const LAST_OF_3 = 'AEIMQUYcgkosw048';

/** Header members that change what a token means: RFC 7515 section 4.1.11, RFC 7797, RFC 7516 section 4.1.3, RFC 7519 section 5.2. */
const EXTENSIONS = ['crit', 'b64', 'zip', 'cty'];

/** Without a stack, which is two thirds of what refusing a token of garbage costs: anyone can send any number. */
export function invalidToken(problem: string, details?: AuthErrorDetails): AuthError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new AuthError('token_invalid', `The token ${problem}.`, details);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/** Whether the part of a token from `start` to `end` has the one spelling of its bytes. Its characters are checked before. */
function isCanonical(token: string, start: number, end: number): boolean {
  const rest = (end - start) % 4;
  if (rest === 0) return true;
  return rest !== 1 && (rest === 2 ? LAST_OF_2 : LAST_OF_3).includes(token[end - 1]!);
}

export type JsonObject = Record<string, unknown>;

/**
 * Whether a text of another issuer's token is the only one that can stand for it. Usual JWT libraries also accept other
 * spellings of a signature, and blanks behind it, so what is remembered of a token by its text would not be found.
 * Of a text that is no JWT only the issuer knows.
 */
export function hasOneSpelling(token: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(token)) return false;
  const parts = token.split('.');
  // Every JWT names its `alg` (RFC 7515 section 4.1.1, RFC 7516 section 4.1.1).
  if (typeof decodeJson(parts[0]!)?.alg !== 'string') return true;
  return parts.every((part) => /^[\w-]*$/.test(part) && isCanonical(part, 0, part.length));
}

/**
 * What tells a token of another issuer from all others: its text, without the second half of a signature by ECDSA. Of
 * such a signature (r, s) anybody can make (r, n - s), which fits the same token and verifies as well.
 */
export function nameOfToken(token: string): string {
  const [header = '', payload, signature] = token.split('.');
  const { alg } = decodeJson(header) ?? {};
  if (signature === undefined || typeof alg !== 'string' || !alg.startsWith('ES')) return token;
  const bytes = Buffer.from(signature, 'base64url');
  return `${header}.${payload}.${bytes.subarray(0, bytes.length / 2).toString('base64url')}`;
}

/** One part of a token from JSON. */
export const encodeJson = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');

/** How base64url begins what begins with `{`. */
const BRACE = 'e';

/** The plain JSON object in one part of a token, or null. */
export function decodeJson(part: string): JsonObject | null {
  // Without the cost of an error: anyone can send any number of texts that are no JSON.
  if (part[0] !== BRACE) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isPlainObject(value) ? value : null;
  } catch {
    return null;
  }
}

export const isPlainObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a header says, by its text: tokens of one key have the same. A few, since anyone can send others. */
const headers = new Map<string, TokenHeader>();
const MOST_HEADERS = 64;
const LONGEST_HEADER = 256;

/**
 * Everything about an access token that can be said without its key: size, three parts in the one canonical base64url
 * spelling of their bytes, and a header that names `typ`, `alg` and `kid` and no extension (RFC 8725 section 3.11).
 *
 * @throws AuthError `token_invalid`
 */
export function checkForm(token: string): TokenHeader {
  if (token.length > MAX_TOKEN_BYTES) throw invalidToken('is larger than 8 KiB');
  const [first, last] = [token.indexOf('.'), token.lastIndexOf('.')];
  const isCompact =
    COMPACT.test(token) &&
    isCanonical(token, 0, first) &&
    isCanonical(token, first + 1, last) &&
    isCanonical(token, last + 1, token.length);
  if (!isCompact) throw invalidToken('is not a compact JWS');
  const text = token.slice(0, first);
  return headers.get(text) ?? remember(text, readHeader(text));
}

function readHeader(text: string): TokenHeader {
  const header = decodeJson(text);
  if (!header) throw invalidToken('has no JSON header');
  if (EXTENSIONS.some((name) => header[name] !== undefined)) throw invalidToken('asks for an unknown extension');
  if (typeof header.typ !== 'string' || header.typ.toLowerCase().replace(/^application\//, '') !== 'at+jwt') {
    throw invalidToken('is not of type at+jwt');
  }
  if (typeof header.alg !== 'string' || typeof header.kid !== 'string') throw invalidToken('names no key');
  return { alg: header.alg, kid: header.kid };
}

function remember(text: string, header: TokenHeader): TokenHeader {
  if (headers.size === MOST_HEADERS) headers.clear();
  if (text.length <= LONGEST_HEADER) headers.set(text, header);
  return header;
}
