import {
  AuthConfigError,
  type AuthModuleOptions,
  type RedisTokenRepositoryOptions,
  type SessionMode,
} from '../../index.js';
import { list, redisSettings, traitsOf } from '../../internal.js';
import { isLoopback } from './host.js';

/** What of the service's configuration the rules look at. */
export interface Deployment {
  readonly databaseUrl: string | undefined;
  readonly redis: RedisTokenRepositoryOptions | undefined;
  readonly keys: string | undefined;
  readonly registration: 'open' | 'closed';
  readonly smtpUrl?: string;
  readonly notifyUrl?: string;
  readonly strategy: SessionMode;
  /** Whether AUTH_ISSUER is set. */
  readonly issuerGiven: boolean;
  readonly auth: Pick<AuthModuleOptions, 'issuer' | 'clients' | 'allowedOrigins' | 'cookies'>;
}

export interface ProductionRule<Seen> {
  /** By which `ALLOW_IN_PRODUCTION` names it; undefined: nothing allows it. */
  readonly name?: string;
  readonly isBroken: (deployment: Seen) => boolean;
  /** What is wrong with it, and what to set instead. */
  readonly says: string;
}

/** What of it is the database's, for commands that use nothing else. */
export const DATABASE_RULES: readonly ProductionRule<Pick<Deployment, 'databaseUrl'>>[] = [
  {
    name: 'embedded-database',
    isBroken: ({ databaseUrl }) => databaseUrl === undefined,
    says: 'the embedded database is for one process on one machine: set DATABASE_URL',
  },
  {
    name: 'open-database',
    isBroken: ({ databaseUrl }) => databaseUrl !== undefined && isOpenDatabase(databaseUrl),
    says: 'anyone on the network can read the users: give DATABASE_URL a password, or ?sslmode=verify-full',
  },
];

/** What is right for a first look, and wrong where people's accounts are. */
export const PRODUCTION_RULES: readonly ProductionRule<Deployment>[] = [
  {
    isBroken: ({ issuerGiven }) => !issuerGiven,
    says: 'tokens would name http://localhost as their issuer: set AUTH_ISSUER to the public URL of this service',
  },
  {
    name: 'http-issuer',
    isBroken: ({ auth, issuerGiven }) => issuerGiven && isWithoutTls(auth.issuer),
    says: 'tokens and keys would travel without TLS: give AUTH_ISSUER as https://',
  },
  ...DATABASE_RULES,
  {
    name: 'open-redis',
    isBroken: ({ redis }) => redis !== undefined && isOpenRedis(redis),
    says: 'anyone on the network can end sessions and open new ones: give REDIS_URL a password, or rediss://',
  },
  {
    name: 'open-mail',
    isBroken: ({ smtpUrl, notifyUrl }) => isOpenMail(smtpUrl, notifyUrl),
    says: 'tickets would travel without TLS: give SMTP_URL as smtps:// or smtp:// without ?tls=off, and NOTIFY_URL as https://',
  },
  {
    name: 'memory-sessions',
    isBroken: ({ redis, strategy }) => redis === undefined && traitsOf(strategy).keepsSessions,
    says: 'sessions in memory are gone after a restart, and known to one process only: set REDIS_URL',
  },
  {
    name: 'memory-revocations',
    isBroken: ({ redis, strategy }) => redis === undefined && !traitsOf(strategy).keepsSessions,
    says: 'a restart forgets which tokens were revoked, and they are accepted again until they expire: set REDIS_URL',
  },
  {
    name: 'insecure-cookies',
    // An app in a web view has a scheme of its own, and comes from the device.
    isBroken: ({ auth }) =>
      hasCookies(auth) &&
      (isWithoutTls(auth.issuer) || !!auth.allowedOrigins?.some((origin) => origin.startsWith('http:'))),
    says: 'cookies would be used by pages without TLS: give AUTH_ISSUER and ALLOWED_ORIGINS as https:// alone',
  },
  {
    isBroken: ({ auth }) => auth.cookies?.insecure === true,
    says: 'cookies would travel without TLS, and any host could set them: leave COOKIE_INSECURE out',
  },
  {
    name: 'generated-keys',
    isBroken: ({ keys }) => keys === undefined,
    says: 'anybody who can read the data folder can sign tokens: set AUTH_KEYS_FILE',
  },
  {
    name: 'open-registration',
    isBroken: ({ registration }) => registration === 'open',
    says: 'anyone can make an account: set REGISTRATION=closed',
  },
];

const hasCookies = ({ clients = {} }: Deployment['auth']): boolean =>
  Object.values(clients).some(({ transport }) => transport === 'cookie');

const isWithoutTls = (url: string): boolean => new URL(url).protocol !== 'https:';

/** Neither a password nor TLS, on a line that others may listen to. */
function isOpenRedis(redis: RedisTokenRepositoryOptions): boolean {
  const { at } = redisSettings(redis);
  return at.kind !== 'client' && at.servers.some(({ host, tls, password }) => !isLoopback(host) && !tls && !password);
}

/** To this machine nobody listens. */
function isOpenMail(smtpUrl: string | undefined, notifyUrl: string | undefined): boolean {
  if (smtpUrl?.endsWith('?tls=off')) return !isLoopback(new URL(smtpUrl).hostname);
  return notifyUrl !== undefined && isWithoutTls(notifyUrl) && !isLoopback(new URL(notifyUrl).hostname);
}

function isOpenDatabase(databaseUrl: string): boolean {
  const { hostname, password, searchParams } = new URL(databaseUrl);
  const hasTls = /^(require|verify-ca|verify-full)$/.test(searchParams.get('sslmode') ?? '');
  return !isLoopback(hostname) && password === '' && !hasTls;
}

const RULE_NAMES = PRODUCTION_RULES.flatMap(({ name }) => name ?? []);

/** What of the configuration is not for production, each as a sentence that says what to set instead. */
export const notForProduction = (deployment: Deployment): string[] =>
  PRODUCTION_RULES.filter(({ isBroken }) => isBroken(deployment)).map(({ says }) => says);

/** What lets a rule be broken. */
export const PRODUCTION_OPTIONS = {
  allowInProduction: list({
    env: 'ALLOW_IN_PRODUCTION',
    range: RULE_NAMES.join(', '),
    without: 'none',
    about: 'What NODE_ENV=production allows though it is not for production',
    problem: (given) =>
      RULE_NAMES.includes(given) ? undefined : `has '${given}'; it may name ${RULE_NAMES.join(', ')}`,
  }),
};

/**
 * Refuses in production what is only for a first look, unless `ALLOW_IN_PRODUCTION` names it.
 * @throws AuthConfigError that names every setting to change at once
 */
export function checkProduction<Seen>(
  rules: readonly ProductionRule<Seen>[],
  deployment: Seen,
  allowed: readonly string[],
): void {
  const refused = rules.filter(
    ({ name, isBroken }) => isBroken(deployment) && !(name !== undefined && allowed.includes(name)),
  );
  if (refused.length === 0) return;
  const sentences = refused.map(
    ({ name, says }) => `  ${says}${name === undefined ? '' : `, or ALLOW_IN_PRODUCTION=${name}`}`,
  );
  throw new AuthConfigError(`NODE_ENV=production refuses:\n${sentences.join('\n')}`);
}
