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
  /** Whether cookies outlive the browser; a login may say otherwise (`persistent`). Default true. */
  persistent: flag({
    env: 'COOKIE_PERSISTENT',
    fallback: true,
    about: 'Whether cookies outlive the browser; a login may say otherwise',
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

/** `*` and `null` are none. */
const isOrigin = (origin: string): boolean =>
  /^https?:[^*]*$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
