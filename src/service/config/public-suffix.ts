import { AuthConfigError } from '../../index.js';

/**
 * Browsers drop cookies of a domain such as `co.uk`, below which everybody can have a site (publicsuffix.org). The list
 * is long, so that it is loaded only where a domain is set.
 * @throws AuthConfigError that names the setting
 */
export async function refusePublicSuffix(domain: string | undefined): Promise<void> {
  if (domain === undefined) return;
  const { getPublicSuffix } = await import('tldts');
  if (getPublicSuffix(domain, { allowPrivateDomains: true }) !== domain.toLowerCase()) return;
  throw new AuthConfigError(
    `COOKIE_DOMAIN is '${domain}', below which everybody can have a site; browsers would drop the cookies. Write your own domain, such as shop.${domain}`,
  );
}
