import type { CookiePolicy } from '../options/cookie-options.js';

/** A cookie of ours: its whole name, and where browsers send it. */
export interface CookiePlace {
  readonly name: string;
  readonly path: string;
  readonly domain: string | undefined;
}

export interface CookiePlaces {
  readonly access: CookiePlace;
  readonly refresh: CookiePlace;
  /**
   * Where the access cookie is for a whole domain, whose hosts can all set it: a cookie that only this host can set. It
   * names the session and is no credential.
   */
  readonly companion?: CookiePlace;
}

/**
 * The whole name of a cookie: security prefix, the option `cookies.prefix`, and its own name.
 * @param hostOnly whether it has the path `/` and no domain: browsers take `__Host-` from no other host and no script of
 * one (RFC 6265bis section 4.1.3.2)
 * @example
 * ```ts
 * cookieName(policy.cookies, 'device') // '__Host-device'
 * ```
 */
export function cookieName(
  { insecure, prefix = '' }: Pick<CookiePolicy, 'insecure' | 'prefix'>,
  name: string,
  hostOnly = true,
): string {
  const security = insecure ? '' : hostOnly ? '__Host-' : '__Secure-';
  return security + prefix + name;
}

/** @param refreshPath where refresh tokens are sent to */
export function cookiePlaces(cookies: CookiePolicy, refreshPath: string): CookiePlaces {
  const { domain } = cookies;
  const oneHost = domain === undefined;
  return {
    access: { name: cookieName(cookies, 'access_token', oneHost), path: '/', domain },
    refresh: {
      name: cookieName(cookies, 'refresh_token', oneHost && refreshPath === '/'),
      path: refreshPath,
      // Never for a domain: no other host has a use for it.
      domain: undefined,
    },
    ...(!oneHost && { companion: { name: cookieName(cookies, 'session'), path: '/', domain: undefined } }),
  };
}
