import { AuthConfigError, traitsOf, type AuthModuleOptions, type SessionMode } from '../../index.js';
import { list, type Environment } from './environment.js';

/** What of the service's configuration the rules look at. */
export interface Deployment {
  readonly production: boolean;
  readonly databaseUrl: string | undefined;
  readonly redis: object | undefined;
  readonly keys: string | undefined;
  readonly registration: 'open' | 'closed';
  readonly strategy: SessionMode;
  readonly auth: Pick<AuthModuleOptions, 'issuer' | 'clients' | 'allowedOrigins'>;
}

interface Rule {
  /** By which `ALLOW_IN_PRODUCTION` names it. */
  readonly name: string;
  readonly isBroken: (deployment: Deployment) => boolean;
  /** What is wrong with it, and what to set instead. */
  readonly says: string;
}

/** What is right for a first look, and wrong where people's accounts are. */
const RULES: readonly Rule[] = [
  {
    name: 'embedded-database',
    isBroken: ({ databaseUrl }) => databaseUrl === undefined,
    says: 'the embedded database is for one process on one machine: set DATABASE_URL',
  },
  {
    name: 'memory-sessions',
    isBroken: ({ redis, strategy }) => redis === undefined && traitsOf(strategy).keepsSessions,
    says: 'sessions in memory are gone after a restart, and known to one process only: set REDIS_URL',
  },
  {
    name: 'memory-revocations',
    isBroken: ({ redis, strategy }) => redis === undefined && !traitsOf(strategy).keepsSessions,
    says: 'a restart forgets which tokens were called back, and they are good again until they end: set REDIS_URL',
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

const broken = (deployment: Deployment): readonly Rule[] => RULES.filter(({ isBroken }) => isBroken(deployment));

/** What of the configuration is not for production, each as a sentence that says what to set instead. */
export const notForProduction = (deployment: Deployment): string[] => broken(deployment).map(({ says }) => says);

/**
 * Refuses in production what is only for a first look, unless `ALLOW_IN_PRODUCTION` names it.
 * @throws AuthConfigError that names every setting to change at once
 */
export function checkProduction(deployment: Deployment, env: Environment): void {
  const allowed = list(env, 'ALLOW_IN_PRODUCTION') ?? [];
  const names = RULES.map(({ name }) => name);
  const unknown = allowed.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new AuthConfigError(`ALLOW_IN_PRODUCTION has '${unknown}'; it may name ${names.join(', ')}`);
  }
  if (!deployment.production) return;
  const refused = broken(deployment).filter(({ name }) => !allowed.includes(name));
  if (refused.length === 0) return;
  const sentences = refused.map(({ name, says }) => `  ${says}, or ALLOW_IN_PRODUCTION=${name}`);
  throw new AuthConfigError(`NODE_ENV=production refuses:\n${sentences.join('\n')}`);
}
