import { AuthError } from '../auth.errors.js';

/** What a cookie is made of beside its name and value; `HttpOnly` and `Secure` always. */
export interface CookieAttributes {
  readonly path: string;
  readonly domain: string | undefined;
  readonly sameSite: 'strict' | 'lax' | 'none';
  /** Seconds; 0 deletes it. Undefined: the cookie ends with the browser. */
  readonly maxAge: number | undefined;
}

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' } as const;

/**
 * The value of a cookie in a `Cookie` header (RFC 6265 section 4.2); undefined where there is none or an empty one.
 * @throws AuthError `invalid_request` for two of one name: one of them was put there by another host or path, and
 * nobody can tell which
 */
export function readCookie(header: string, name: string): string | undefined {
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`));
  if (values.length > 1) throw new AuthError('invalid_request', `There are two cookies ${name}.`);
  return values[0]?.slice(name.length + 1) || undefined;
}

/** A `Set-Cookie` header (RFC 6265 section 4.1). The value is a token or empty, so nothing in it needs escaping. */
export function writeCookie(name: string, value: string, { path, domain, sameSite, maxAge }: CookieAttributes): string {
  return [
    `${name}=${value}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    'HttpOnly',
    'Secure',
    `SameSite=${SAME_SITE[sameSite]}`,
  ].join('; ');
}
