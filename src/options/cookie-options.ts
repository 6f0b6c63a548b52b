import { choice, flag, list, text } from './option-kinds.js';
import type { CheckedOf, OptionsOf } from './option.js';

/** How the cookies of clients with cookie transport are made. */
export const COOKIE_OPTIONS = {
  /** Default `strict`; `none` is for a page on another site, which `allowedOrigins` must name. */
  sameSite: choice(['strict', 'lax', 'none'], {
    env: 'COOKIE_SAME_SITE',
    about: '`SameSite` of the cookies of clients with cookie transport',
  }),
  /** The domain whose hosts all get the access token; turns `__Host-` into `__Secure-`. Default: this host alone. */
  domain: text({
    env: 'COOKIE_DOMAIN',
    kind: 'host name',
    without: 'this host alone',
    about: 'The domain whose hosts all get the cookies, such as shop.example',
    problem: (given) =>
      /^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)+$/i.test(given)
        ? undefined
        : `is ${JSON.stringify(given)}; it must be a host name, such as shop.example`,
  }),
  /** Stands in front of the names of the cookies, for several applications on one host. Default: none. */
  prefix: text({
    env: 'COOKIE_PREFIX',
    range: 'at most 32 letters, digits or . _ -',
    without: 'none',
    about: 'Stands in front of the names of the cookies, such as shop_, where several applications share a host',
    problem: (given) =>
      /^(?!__)[\w.-]{0,32}$/.test(given)
        ? undefined
        : `is ${JSON.stringify(given)}; it must be at most 32 letters, digits or . _ - and must not begin with __, such as shop_`,
  }),
  /** The path of the refresh cookie, as browsers see it: for a proxy that strips a prefix. Default: the mounted path. */
  path: text({
    env: 'COOKIE_PATH',
    kind: 'path',
    without: 'the path below which the session routes are mounted',
    about: 'Path of the refresh cookie as browsers see it, such as /api/auth, behind a proxy that strips a prefix',
    problem: (given) =>
      /^\/(?:[\w.~%!$&'()*+,=:@-]+(?:\/[\w.~%!$&'()*+,=:@-]+)*)?$/.test(given)
        ? undefined
        : `is ${JSON.stringify(given)}; it must begin with a slash and not end with one, such as /api/auth`,
  }),
  /** Whether cookies outlive the browser; a login may say otherwise (`persistent`). Default true. */
  persistent: flag({
    env: 'COOKIE_PERSISTENT',
    fallback: true,
    about: 'Whether cookies outlive the browser; a login may say otherwise',
  }),
  /**
   * Cookies without `Secure` and without a security prefix in their names: for development on plain http, where browsers
   * drop others. Anybody on the network, and any sibling host, can set such cookies. Refused with an https issuer, and by
   * the service with `NODE_ENV=production`. Default false.
   */
  insecure: flag({
    env: 'COOKIE_INSECURE',
    fallback: false,
    about: 'Cookies without `Secure` and `__Host-`, for development on plain http; refused in production',
  }),
};

/** How the cookies of clients with cookie transport are made. */
export interface CookieOptions extends OptionsOf<typeof COOKIE_OPTIONS> {}

/** {@link CookieOptions} after all checks. */
export interface CookiePolicy extends CheckedOf<typeof COOKIE_OPTIONS> {}

/** Origins of pages that may call besides the issuer's own, such as `https://shop.example`: for CORS and cookies. */
export const ALLOWED_ORIGINS = list({
  env: 'ALLOWED_ORIGINS',
  range: 'origins such as https://shop.example',
  without: 'none',
  about: 'Pages elsewhere that may call: for CORS, and for calls by cookie',
  problem: (given) =>
    isOrigin(given)
      ? undefined
      : `has ${JSON.stringify(given)}; write origins as browsers do, such as https://shop.example`,
});

/**
 * The origin of an app in a web view, such as Capacitor's `capacitor://localhost` on iOS, or of an extension. `URL` knows no
 * origin for these. What begins with `ht` is a misspelt address.
 */
const APP_ORIGIN = /^(?!ht|file:)[a-z][a-z\d+.-]*:\/\/[^\s/?#@*]+$/;

/** `*` and `null` are none. */
const isOrigin = (origin: string): boolean =>
  APP_ORIGIN.test(origin) ||
  (/^https?:[^*]*$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin);
