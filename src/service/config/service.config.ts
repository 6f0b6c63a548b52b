import { availableParallelism } from 'node:os';
import type { LogLevel } from '@nestjs/common';
import {
  AuthConfigError,
  redisSettings,
  resolveOptions,
  type AuthModuleOptions,
  type AuthPolicy,
  type RedisTokenRepositoryOptions,
  type SessionMode,
} from '../../index.js';
import {
  AUTH_EXTRAS,
  checkOptions,
  OPTIONS,
  REDIS_OPTIONS,
  rowsOf,
  type Bounds,
  type CheckedOf,
} from '../../internal.js';
import { fromEnvironment, text, type Environment } from './environment.js';
import { checkProduction, DATABASE_RULES, PRODUCTION_OPTIONS, PRODUCTION_RULES } from './production.js';
import { ACCOUNT_OPTIONS, DATABASE_OPTIONS, LOG_LEVELS, LOG_OPTIONS, SERVER_OPTIONS } from './service-options.js';
import { settingOf } from './settings.js';

const OWN_OPTIONS = {
  ...SERVER_OPTIONS,
  ...DATABASE_OPTIONS,
  ...ACCOUNT_OPTIONS,
  ...LOG_OPTIONS,
  ...PRODUCTION_OPTIONS,
};

export type DatabaseConfig = CheckedOf<typeof DATABASE_OPTIONS>;
export type UsersConfig = DatabaseConfig & CheckedOf<typeof ACCOUNT_OPTIONS>;

/** What the service runs by, after all checks. */
export interface ServiceConfig extends Omit<CheckedOf<typeof OWN_OPTIONS>, 'hashConcurrency'> {
  readonly production: boolean;
  readonly hashConcurrency: number;
  /** Undefined: generated into the data folder. */
  readonly keys: string | undefined;
  /** The file they came from, which is read again when it changes. */
  readonly keysFile: string | undefined;
  readonly strategy: SessionMode;
  readonly auth: Omit<AuthModuleOptions, 'keys' | 'loadSubject'>;
  readonly routesPath: string;
  /** Undefined: sessions in memory. */
  readonly redis: RedisTokenRepositoryOptions | undefined;
  readonly logLevels: LogLevel[];
}

/**
 * Reads the service's settings from environment variables; `NAME_FILE` gives a secret as a file.
 * @throws AuthConfigError that names the setting and says what it may be
 */
export function readServiceConfig(env: Environment): ServiceConfig {
  const production = env.NODE_ENV === 'production';
  return namingSettings(() => {
    const own = readOwn(env);
    if (own.metricsPort === own.port) {
      throw AuthConfigError.of('metricsPort', 'is PORT; leave it out, or take another port');
    }
    if (production && text(env, 'AUTH_ISSUER') === undefined) {
      throw AuthConfigError.of('issuer', 'must be set in production: the public URL of this service');
    }
    const { keys, strategy, ...auth } = readAuth(env, `http://localhost:${own.port}`);
    resolveOptions({ ...auth, keys: undefined }, strategy);
    const routes = fromEnvironment({ routes: AUTH_EXTRAS.routes }, env).routes || { path: 'auth' };
    const redis = readRedis(env);
    const config: ServiceConfig = {
      ...own,
      production,
      hashConcurrency: own.hashConcurrency ?? Math.max(1, availableParallelism() - 1),
      keys: keys as string | undefined,
      keysFile: text(env, 'AUTH_KEYS_FILE'),
      strategy,
      auth,
      routesPath: routes.path,
      redis,
      logLevels: LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(own.logLevel) + 1),
    };
    if (production) checkProduction(PRODUCTION_RULES, config, own.allowInProduction);
    return config;
  });
}

/**
 * The policy alone that the settings make, without a look at the rest.
 * @throws AuthConfigError that names the setting and says what it may be
 */
export function readAuthPolicy(env: Environment): AuthPolicy {
  return namingSettings(() => {
    const { strategy, ...auth } = readAuth(env, 'http://localhost');
    return resolveOptions({ ...auth, keys: undefined }, strategy);
  });
}

/**
 * What a command needs that works on the users' database.
 * @throws AuthConfigError that names the setting and says what it may be
 */
export function readUsersConfig(env: Environment): UsersConfig {
  return namingSettings(() => {
    const table = { ...DATABASE_OPTIONS, ...ACCOUNT_OPTIONS, ...PRODUCTION_OPTIONS };
    const config = checkOptions(table, fromEnvironment(table, env));
    if (env.NODE_ENV === 'production') checkProduction(DATABASE_RULES, config, config.allowInProduction);
    return config;
  });
}

/** What is the service's own, with the defaults of production where that is asked for. */
function readOwn(env: Environment): CheckedOf<typeof OWN_OPTIONS> {
  const inProduction = rowsOf(OWN_OPTIONS).map(({ name, row }): [string, Bounds] => [
    name,
    { fallback: row.inProduction },
  ]);
  const bounds = env.NODE_ENV === 'production' ? Object.fromEntries(inProduction) : {};
  return checkOptions(OWN_OPTIONS, fromEnvironment(OWN_OPTIONS, env), { bounds });
}

function readAuth(env: Environment, issuer: string) {
  const { strategy } = checkOptions(AUTH_EXTRAS, fromEnvironment(AUTH_EXTRAS, env));
  return { strategy, ...fromEnvironment(OPTIONS, env), issuer: text(env, 'AUTH_ISSUER') ?? issuer };
}

function readRedis(env: Environment): RedisTokenRepositoryOptions | undefined {
  const options = fromEnvironment(REDIS_OPTIONS, env);
  const { url, sentinels, cluster } = options;
  const given = [url, sentinels, cluster].filter((where) => where !== undefined);
  if (given.length > 1) throw new AuthConfigError('Set one of REDIS_URL, REDIS_SENTINELS and REDIS_CLUSTER');
  if (given.length === 1) {
    redisSettings(options);
    return options;
  }
  const alone = (['sentinelName', 'ca'] as const).find((name) => options[name] !== undefined);
  if (alone === undefined) return undefined;
  throw AuthConfigError.of(alone, 'has no effect without REDIS_URL, REDIS_SENTINELS or REDIS_CLUSTER');
}

function namingSettings<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof AuthConfigError ? error.renamed(settingOf) : error;
  }
}
