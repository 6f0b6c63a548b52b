import { isIP } from 'node:net';
import { isWebhookSecret } from './webhook-secret.js';
import { DEVICE_ADDRESSES } from './device-address.js';
import { isLoopback } from './host.js';
import type { LogLevel } from '@nestjs/common';
import { choice, duration, flag, list, text, whole } from '../../internal.js';

/** How the service is reached, watched and stopped. */
export const SERVER_OPTIONS = {
  nodeEnv: choice(['development', 'test', 'production'], {
    env: 'NODE_ENV',
    about: 'What the service is for: production refuses what is only for a first look',
  }),
  host: text({
    env: 'HOST',
    kind: 'address',
    range: 'such as 127.0.0.1, 0.0.0.0 or ::',
    without: ':: (all addresses) if NODE_ENV says what it is for and no part is embedded, else 127.0.0.1',
    about: 'Address to listen on; another than this machine needs NODE_ENV=production or NODE_ENV=development',
    problem: (given) => (/[\s/]/.test(given) ? `is '${given}'; write an address without port, such as ::` : undefined),
  }),
  port: whole({ env: 'PORT', fallback: 3000, min: 0, max: 65_535, about: 'Port to listen on; 0 takes a free one' }),
  metricsPort: whole({
    env: 'METRICS_PORT',
    min: 1,
    max: 65_535,
    without: 'on PORT, for this machine only; none in production or behind a proxy',
    about: 'Port of /metrics for Prometheus, other than PORT',
  }),
  shutdownDelay: duration({
    env: 'SHUTDOWN_DELAY',
    fallback: '0s',
    min: '0s',
    max: '5m',
    about: 'How long requests are accepted after a SIGTERM, while readiness says 503',
  }),
  trustProxy: list({
    env: 'TRUST_PROXY',
    range: 'addresses or CIDR ranges',
    without: 'none',
    about: 'Proxies whose X-Forwarded-For counts',
    problem: (given) =>
      isRange(given)
        ? undefined
        : `has '${given}'; write addresses or ranges of your proxies, such as 10.0.0.7 or 10.0.0.0/8, none wider than /8 (IPv6: /7)`,
  }),
  docs: choice(['on', 'off'], { env: 'DOCS', inProduction: 'off', about: 'The OpenAPI page at /docs' }),
  deviceAddress: choice(DEVICE_ADDRESSES, {
    env: 'DEVICE_ADDRESS',
    about: "How much of a client's address is kept with its session and logged; truncated keeps its /24 or /48",
  }),
};

/** Where the users and the generated keys are. */
export const DATABASE_OPTIONS = {
  dataDir: text({
    env: 'DATA_DIR',
    kind: 'path',
    fallback: './data',
    about: 'Folder of the embedded database and the generated keys',
  }),
  databaseUrl: text({
    env: 'DATABASE_URL',
    secret: true,
    kind: 'URL',
    range: 'postgres://user:password@host:port/database, with ?sslmode=verify-full for TLS',
    without: 'embedded in DATA_DIR',
    about: 'PostgreSQL for the users',
    // Never says what was given: a password is in it.
    problem: (given) =>
      isPostgresUrl(given)
        ? undefined
        : 'must be postgres://user:password@host:port/database; in user and password write other characters than ' +
          'letters and digits as %XX (RFC 3986)',
  }),
  migrateOnStart: flag({
    env: 'MIGRATE_ON_START',
    fallback: true,
    about: 'Whether a start brings the schema of DATABASE_URL up to date, or waits for keyturn migrate',
  }),
};

/** Who may have an account, and what passwords must be. */
export const ACCOUNT_OPTIONS = {
  registration: choice(['open', 'closed'], {
    env: 'REGISTRATION',
    inProduction: 'closed',
    about: 'Whether everybody may register',
  }),
  registrationSilent: flag({
    env: 'REGISTRATION_SILENT',
    fallback: false,
    about:
      'Whether a registration is answered alike for new and known addresses; the rest follows by mail. Needs SMTP_URL or NOTIFY_URL',
  }),
  requireVerifiedEmail: flag({
    env: 'REQUIRE_VERIFIED_EMAIL',
    fallback: false,
    about: 'Whether a login needs an address that was confirmed by a mail. Needs SMTP_URL or NOTIFY_URL',
  }),
  accountPage: flag({
    env: 'ACCOUNT_PAGE',
    fallback: false,
    about: 'Whether users have the page /account: their devices, password and e-mail address',
  }),
  passwordMinLength: whole({
    env: 'PASSWORD_MIN_LENGTH',
    fallback: 8,
    min: 8,
    max: 128,
    about: 'How many characters a password must have',
  }),
  passwordBreached: text({
    env: 'PASSWORD_BREACHED',
    kind: 'path',
    without: 'none',
    about: 'File of SHA-1 hashes of breached passwords, ordered by hash; see docs/operations.md',
  }),
  hashConcurrency: whole({
    env: 'HASH_CONCURRENCY',
    min: 1,
    max: 64,
    without: 'cores - 1',
    about: 'How many passwords are hashed at once',
  }),
};

/** From the rarest to the most frequent; each shows those before it too. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const satisfies readonly LogLevel[];

export const LOG_OPTIONS = {
  logLevel: choice(LOG_LEVELS, { env: 'LOG_LEVEL', fallback: 'log', about: 'What is logged, and all that is worse' }),
  logFormat: choice(['text', 'json'], { env: 'LOG_FORMAT', inProduction: 'json', about: 'How log lines are written' }),
};

/** Where the service sends its session and user events. */
export const WEBHOOK_OPTIONS = {
  webhookUrl: text({
    env: 'WEBHOOK_URL',
    kind: 'URL',
    range: 'https://…, or http:// on this machine',
    without: 'nobody is told',
    about: 'Where events of sessions and users are sent, signed by WEBHOOK_SECRET',
    problem: (given) =>
      isReceiver(given) ? undefined : 'must be an https:// address without user and fragment; http:// on loopback only',
  }),
  webhookSecret: list({
    env: 'WEBHOOK_SECRET',
    secret: true,
    range: 'whsec_ and 24 to 64 bytes in base64; two while one is rotated',
    without: 'none',
    about: 'What signs the events of WEBHOOK_URL, after Standard Webhooks',
    problem: (given) =>
      isWebhookSecret(given) ? undefined : 'must be whsec_ followed by 24 to 64 random bytes in base64',
  }),
};

const isReceiver = (given: string): boolean => {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || url.username || url.password || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
};

const isPostgresUrl = (given: string): boolean => {
  const url = URL.canParse(given) ? new URL(given) : null;
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1 && !url.hash;
};

/** One that is wider trusts a good part of the world, and each of it could choose its own address. */
const WIDEST = { 4: 8, 6: 7 } as const;

function isRange(range: string): boolean {
  const [address = '', bits, ...rest] = range.split('/');
  const family = isIP(address) as 0 | 4 | 6;
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= WIDEST[family] && Number(bits) <= (family === 4 ? 32 : 128);
}
