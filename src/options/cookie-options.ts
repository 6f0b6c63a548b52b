import { AuthConfigError } from '../auth.errors.js';
import { checkGroup, choiceOption } from './option-checks.js';

/** How the cookies of clients with cookie transport are made. */
export interface CookieOptions {
  /** Default `strict`; `none` is for a page on another site, which `allowedOrigins` must name. */
  sameSite?: 'strict' | 'lax' | 'none';
  /** The domain whose hosts all get the access token; turns `__Host-` into `__Secure-`. Default: this host alone. */
  domain?: string;
}

/** {@link CookieOptions} after all checks. */
export interface CookiePolicy {
  readonly sameSite: 'strict' | 'lax' | 'none';
  readonly domain: string | undefined;
}

const HOST_NAME = /^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i;

/** @throws AuthConfigError with a sentence that names the option and what it may be */
export function cookiePolicy(given: CookieOptions | undefined): CookiePolicy {
  checkGroup('cookies', given, ['sameSite', 'domain']);
  const domain: unknown = given?.domain;
  if (domain !== undefined && !(typeof domain === 'string' && HOST_NAME.test(domain))) {
    throw new AuthConfigError(
      `cookies.domain is ${JSON.stringify(domain)}; it must be a host name, such as shop.example`,
    );
  }
  return { sameSite: choiceOption('cookies.sameSite', given?.sameSite, ['strict', 'lax', 'none']), domain };
}

/** @throws AuthConfigError for what is no origin, `*` and `null` among it */
export function originList(given: readonly string[] | undefined): readonly string[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new AuthConfigError('allowedOrigins must be a list of origins');
  const wrong = (given as readonly unknown[]).find((origin) => !isOrigin(origin));
  if (wrong === undefined) return given;
  throw new AuthConfigError(
    `allowedOrigins has ${JSON.stringify(wrong)}; write origins as browsers do, such as https://shop.example`,
  );
}

const isOrigin = (origin: unknown): boolean =>
  typeof origin === 'string' &&
  /^https?:[^*]*$/.test(origin) &&
  URL.canParse(origin) &&
  new URL(origin).origin === origin;
