import { AuthConfigError, traitsOf, type AuthModuleOptions, type SessionMode } from '../../index.js';
import { list } from '../../internal.js';

/** What of the service's configuration the rules look at. */
export interface Deployment {
  readonly databaseUrl: string | undefined;
  readonly redis: object | undefined;
  readonly keys: string | undefined;
  readonly registration: 'open' | 'closed';
  readonly strategy: SessionMode;
  readonly auth: Pick<AuthModuleOptions, 'issuer' | 'clients' | 'allowedOrigins'>;
}

export interface ProductionRule<Seen> {
  /** By which `ALLOW_IN_PRODUCTION` names it. */
  readonly name: string;
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
];

/** What is right for a first look, and wrong where people's accounts are. */
export const PRODUCTION_RULES: readonly ProductionRule<Deployment>[] = [
  ...DATABASE_RULES,
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
    isBroken: ({ auth }) => hasCookies(auth) && [auth.issuer, ...(auth.allowedOrigins ?? [])].some(isWithoutTls),
    says: 'cookies would be used by pages without TLS: give AUTH_ISSUER and ALLOWED_ORIGINS as https:// alone',
  },
  {
    name: 'generated-keys',
    isBroken: ({ keys }) => keys === undefined,
    says: 'whoever can read the data folder can sign tokens: set AUTH_KEYS_FILE',
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

/** What of the configuration is not for production, each as a sentence that says what to set instead. */
export const notForProduction = (deployment: Deployment): string[] =>
  PRODUCTION_RULES.filter(({ isBroken }) => isBroken(deployment)).map(({ says }) => says);

/** What lets a rule be broken. */
export const PRODUCTION_OPTIONS = {
  allowInProduction: list({
    env: 'ALLOW_IN_PRODUCTION',
    range: PRODUCTION_RULES.map(({ name }) => name).join(', '),
    without: 'none',
    about: 'What NODE_ENV=production allows though it is not for production',
    problem: (given) => {
      const names = PRODUCTION_RULES.map(({ name }) => name);
      return names.includes(given) ? undefined : `has '${given}'; it may name ${names.join(', ')}`;
    },
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
  const refused = rules.filter(({ name, isBroken }) => isBroken(deployment) && !allowed.includes(name));
  if (refused.length === 0) return;
  const sentences = refused.map(({ name, says }) => `  ${says}, or ALLOW_IN_PRODUCTION=${name}`);
  throw new AuthConfigError(`NODE_ENV=production refuses:\n${sentences.join('\n')}`);
}
