import { availableParallelism } from 'node:os';
import type { LogLevel } from '@nestjs/common';
import {
  AuthConfigError,
  resolveOptions,
  type AuthModuleOptions,
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
  redisSettings,
} from '../../internal.js';
import { withAccountClient, type AccountClient } from './account-page.js';
import { readAuth } from './auth-settings.js';
import { fromEnvironment, isProduction, text, type Environment } from './environment.js';
import { hostOf } from './host.js';
import { checkMailSettings, MAIL_OPTIONS } from './mail-options.js';
import { checkProduction, PRODUCTION_OPTIONS, PRODUCTION_RULES } from './production.js';
import {
  ACCOUNT_OPTIONS,
  DATABASE_OPTIONS,
  LOG_LEVELS,
  LOG_OPTIONS,
  SERVER_OPTIONS,
  WEBHOOK_OPTIONS,
} from './service-options.js';
import { namingSettings } from './settings.js';

const OWN_OPTIONS = {
  ...SERVER_OPTIONS,
  ...DATABASE_OPTIONS,
  ...ACCOUNT_OPTIONS,
  ...MAIL_OPTIONS,
  ...LOG_OPTIONS,
  ...WEBHOOK_OPTIONS,
  ...PRODUCTION_OPTIONS,
};

export type DatabaseConfig = CheckedOf<typeof DATABASE_OPTIONS>;

/** What the service runs by, after all checks. */
export interface ServiceConfig extends Omit<CheckedOf<typeof OWN_OPTIONS>, 'accountPage' | 'hashConcurrency' | 'host'> {
  readonly production: boolean;
  readonly host: string;
  readonly hashConcurrency: number;
  /** Undefined: generated into the data folder. */
  readonly keys: string | undefined;
  /** The file they came from, which is read again when it changes. */
  readonly keysFile: string | undefined;
  readonly strategy: SessionMode;
  readonly auth: Omit<AuthModuleOptions, 'keys' | 'loadSubject'>;
  /** Undefined: there is no account page. */
  readonly accountClient: AccountClient | undefined;
  readonly routesPath: string;
  readonly oauthPath: string;
  /** Undefined: sessions in memory. */
  readonly redis: RedisTokenRepositoryOptions | undefined;
  readonly logLevels: LogLevel[];
}

/**
 * Reads the service's settings from environment variables; `NAME_FILE` gives a secret as a file.
 * @throws AuthConfigError that names the setting and says what it may be
 */
export function readServiceConfig(env: Environment): ServiceConfig {
  const production = isProduction(env);
  return namingSettings(() => {
    const own = readOwn(env);
    if (own.metricsPort === own.port) {
      throw AuthConfigError.of('metricsPort', 'is PORT; leave it out, or take another port');
    }
    if (own.webhookUrl !== undefined && own.webhookSecret.length === 0) {
      throw AuthConfigError.of(
        'webhookSecret',
        'must be given with WEBHOOK_URL, so that its receiver can tell our events from others',
      );
    }
    checkMailSettings(own);
    const { strategy, ...given } = readAuth(env, `http://localhost:${own.port}`);
    const { auth, client: accountClient } = own.accountPage
      ? withAccountClient(given, production)
      : { auth: given, client: undefined };
    resolveOptions(auth, strategy);
    const paths = fromEnvironment({ routes: AUTH_EXTRAS.routes, oauth: AUTH_EXTRAS.oauth }, env);
    const redis = readRedis(env);
    const config: ServiceConfig = {
      ...own,
      production,
      host: hostOf(own, env, redis !== undefined),
      hashConcurrency: own.hashConcurrency ?? Math.max(1, availableParallelism() - 1),
      keys: fromEnvironment({ keys: OPTIONS.keys }, env).keys as string | undefined,
      keysFile: text(env, 'AUTH_KEYS_FILE'),
      strategy,
      auth,
      accountClient,
      routesPath: (paths.routes || { path: 'auth' }).path,
      oauthPath: (paths.oauth || { path: 'oauth' }).path,
      redis,
      logLevels: LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(own.logLevel) + 1),
    };
    const deployment = { ...config, issuerGiven: text(env, 'AUTH_ISSUER') !== undefined };
    if (production) checkProduction(PRODUCTION_RULES, deployment, own.allowInProduction);
    return config;
  });
}

/** What is the service's own, with the defaults of production where that is asked for. */
function readOwn(env: Environment): CheckedOf<typeof OWN_OPTIONS> {
  const inProduction = rowsOf(OWN_OPTIONS).map(({ name, row }): [string, Bounds] => [
    name,
    { fallback: row.inProduction },
  ]);
  const bounds = isProduction(env) ? Object.fromEntries(inProduction) : {};
  return checkOptions(OWN_OPTIONS, fromEnvironment(OWN_OPTIONS, env), { bounds });
}

/** @throws AuthConfigError that names the option */
export function readRedis(env: Environment): RedisTokenRepositoryOptions | undefined {
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
