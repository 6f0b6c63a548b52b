import { load } from './build.mjs';

/** What an operator sets: the service on Redis and PostgreSQL. Servers on loopback need no TLS. */
export async function productionSettings({ redis, postgres }) {
  const { generateKeys } = await load('tokens/generate-keys.js');
  return {
    NODE_ENV: 'production',
    AUTH_ISSUER: 'https://auth.example',
    AUTH_KEYS: JSON.stringify(generateKeys()),
    REGISTRATION: 'closed',
    REDIS_URL: redis,
    DATABASE_URL: postgres,
  };
}
