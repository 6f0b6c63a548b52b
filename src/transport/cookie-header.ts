/** What a cookie is made of beside its name and value; `HttpOnly` always. */
export interface CookieAttributes {
  readonly path: string;
  readonly domain: string | undefined;
  readonly sameSite: 'strict' | 'lax' | 'none';
  /** Seconds; 0 deletes it. Undefined: the cookie ends with the browser. */
  readonly maxAge: number | undefined;
  /** Whether it is left to travel without TLS, for development. */
  readonly insecure: boolean;
}

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' } as const;

/** Only SP and TAB are blanks (RFC 6265 section 5.2). `trim()` would take U+00A0 as well, which a header may hold. */
const BLANKS_AROUND = /^[ \t]+|[ \t]+$/g;

/**
 * The values that a `Cookie` header gives to a name (RFC 6265 section 4.2), in its order, without empty ones. There are
 * several where another host or another path has set a cookie of this name too: a browser sends all of them.
 */
export function readCookies(header: string, name: string): string[] {
  const start = `${name}=`;
  return header
    .split(';')
    .map((pair) => pair.replace(BLANKS_AROUND, ''))
    .filter((pair) => pair.startsWith(start) && pair.length > start.length)
    .map((pair) => pair.slice(start.length));
}

/** A `Set-Cookie` header (RFC 6265 section 4.1). The value is a token or empty, so nothing in it needs escaping. */
export function writeCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { path, domain, sameSite, maxAge, insecure } = attributes;
  return [
    `${name}=${value}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    'HttpOnly',
    ...(insecure ? [] : ['Secure']),
    `SameSite=${SAME_SITE[sameSite]}`,
  ].join('; ');
}
