import { nextSessions } from 'keyturn/client/next';

/** The shop's server: npm run example, in the root of the repository. */
export const SHOP = process.env.SHOP_URL ?? 'http://127.0.0.1:3001';

/** The newest first; the same on all instances of this application. */
function secretsOfEnvironment(): Record<string, string> {
  const { SESSION_SECRETS, NODE_ENV } = process.env;
  if (SESSION_SECRETS) return JSON.parse(SESSION_SECRETS);
  if (NODE_ENV === 'production') throw new Error('Set SESSION_SECRETS, such as {"2026-11":"32 random characters …"}');
  return { development: 'for development: everybody knows it' };
}

/** Made anew for each request, and so not at the build, which needs no secrets. */
export const sessions = () =>
  nextSessions({
    url: `${SHOP}/auth`,
    clientId: 'next',
    secrets: secretsOfEnvironment(),
    // On http, as in development, Safari keeps no cookie that is for https only.
    secure: process.env.NODE_ENV === 'production',
  });
