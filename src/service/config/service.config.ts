import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import type { LogLevel } from '@nestjs/common';
import {
  AuthConfigError,
  redisSettings,
  resolveOptions,
  type AuthModuleOptions,
  type AuthPolicy,
  type SessionMode,
  type CookieOptions,
  type RedisTokenRepositoryOptions,
  type SlidingOn,
  type WhenStalePolicy,
} from '../../index.js';
import { DEVICE_ADDRESSES, type DeviceAddress } from './device-address.js';
import { databaseConfig, type DatabaseConfig } from './database.config.js';
import { choice, list, number, readFile, secret, split, text, wholeNumber, type Environment } from './environment.js';
import { operationConfig, type OperationConfig } from './operation.config.js';
import { checkProduction } from './production.js';

/** What the service runs by, after all checks. */
export interface ServiceConfig extends DatabaseConfig, OperationConfig {
  readonly production: boolean;
  readonly port: number;
  /** Undefined: generated into the data folder. */
  readonly keys: string | undefined;
  /** The file they came from, which is read again when it changes. */
  readonly keysFile: string | undefined;
  readonly strategy: SessionMode;
  readonly auth: Omit<AuthModuleOptions, 'keys' | 'loadSubject'>;
  readonly routesPath: string;
  /** Undefined: sessions in memory. */
  readonly redis: RedisTokenRepositoryOptions | undefined;
  readonly registration: 'open' | 'closed';
  readonly passwordMinLength: number;
  readonly hashConcurrency: number;
  readonly docs: boolean;
  readonly trustProxy: readonly string[];
  /** How much of a client's address is kept with its session and written to the audit log. */
  readonly deviceAddress: DeviceAddress;
  readonly logLevels: LogLevel[];
  readonly logFormat: 'text' | 'json';
}

const LOG_LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];

/** Which setting an option of the library is read from, so that its complaints name what the operator wrote. */
const OPTION_SETTINGS: Readonly<Record<string, string>> = {
  issuer: 'AUTH_ISSUER',
  audience: 'AUTH_AUDIENCE',
  algorithm: 'AUTH_ALGORITHM',
  strategy: 'AUTH_STRATEGY',
  accessTtl: 'ACCESS_TTL',
  idleTtl: 'SESSION_IDLE',
  absoluteTtl: 'SESSION_ABSOLUTE',
  grace: 'REFRESH_GRACE',
  onReuse: 'ON_REUSE',
  maxSessionsPerSubject: 'MAX_SESSIONS',
  whenFull: 'WHEN_FULL',
  endedRetention: 'ENDED_RETENTION',
  'sliding.on': 'SLIDING_ON',
  'sliding.renewAfter': 'SLIDING_RENEW_AFTER',
  'sliding.extendSession': 'SLIDING_EXTEND_SESSION',
  'sliding.slideLimit': 'SLIDING_LIMIT',
  clockTolerance: 'CLOCK_TOLERANCE',
  'revocation.maxStaleness': 'REVOCATION_MAX_STALENESS',
  'revocation.whenStale': 'REVOCATION_WHEN_STALE',
  'tokenCache.max': 'TOKEN_CACHE_MAX',
  clients: 'AUTH_CLIENTS',
  'cookies.sameSite': 'COOKIE_SAME_SITE',
  'cookies.domain': 'COOKIE_DOMAIN',
  allowedOrigins: 'ALLOWED_ORIGINS',
  sentinels: 'REDIS_SENTINELS',
  sentinelName: 'REDIS_SENTINEL_NAME',
  cluster: 'REDIS_CLUSTER',
  url: 'REDIS_URL',
  ca: 'REDIS_CA_FILE',
  keyPrefix: 'REDIS_KEY_PREFIX',
  commandTimeout: 'REDIS_COMMAND_TIMEOUT',
};

/**
 * Reads the service's settings from environment variables; `NAME_FILE` gives a secret as a file.
 * @throws AuthConfigError that names the setting and says what it may be
 */
export function readServiceConfig(env: Environment): ServiceConfig {
  const production = env.NODE_ENV === 'production';
  const port = wholeNumber(env, 'PORT', 3000, 0, 65_535);
  const issuer = text(env, 'AUTH_ISSUER');
  if (production && issuer === undefined) {
    throw new AuthConfigError('AUTH_ISSUER must be set in production: the public URL of this service');
  }
  const strategy = (text(env, 'AUTH_STRATEGY') ?? 'refresh-sliding') as SessionMode;
  const auth = authOptions(env, issuer ?? `http://localhost:${port}`);
  const redis = redisOptions(env);
  namingSettings(() => {
    resolveOptions({ ...auth, keys: undefined }, strategy);
    if (redis) redisSettings(redis);
  });
  const logLevel = choice(env, 'LOG_LEVEL', LOG_LEVELS, 'log');
  const config: ServiceConfig = {
    ...databaseConfig(env),
    ...operationConfig(env, port),
    production,
    port,
    keys: secret(env, 'AUTH_KEYS'),
    keysFile: text(env, 'AUTH_KEYS_FILE'),
    strategy,
    auth,
    routesPath: routesPath(env),
    redis,
    registration: choice(env, 'REGISTRATION', ['open', 'closed'], production ? 'closed' : 'open'),
    passwordMinLength: wholeNumber(env, 'PASSWORD_MIN_LENGTH', 8, 8, 128),
    hashConcurrency: wholeNumber(env, 'HASH_CONCURRENCY', Math.max(1, availableParallelism() - 1), 1, 64),
    docs: choice(env, 'DOCS', ['on', 'off'], production ? 'off' : 'on') === 'on',
    trustProxy: proxies(env),
    deviceAddress: choice(env, 'DEVICE_ADDRESS', DEVICE_ADDRESSES, 'full'),
    logLevels: LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(logLevel) + 1),
    logFormat: choice(env, 'LOG_FORMAT', ['text', 'json'], production ? 'json' : 'text'),
  };
  checkProduction(config, env);
  return config;
}

/**
 * The policy alone that the settings make, without a look at the rest.
 * @throws AuthConfigError that names the setting and says what it may be
 */
export function readAuthPolicy(env: Environment): AuthPolicy {
  const strategy = (text(env, 'AUTH_STRATEGY') ?? 'refresh-sliding') as SessionMode;
  const auth = authOptions(env, text(env, 'AUTH_ISSUER') ?? 'http://localhost');
  return namingSettings(() => resolveOptions({ ...auth, keys: undefined }, strategy));
}

function authOptions(env: Environment, issuer: string): ServiceConfig['auth'] {
  return {
    issuer,
    audience: list(env, 'AUTH_AUDIENCE'),
    algorithm: text(env, 'AUTH_ALGORITHM') as AuthModuleOptions['algorithm'],
    accessTtl: text(env, 'ACCESS_TTL'),
    idleTtl: text(env, 'SESSION_IDLE'),
    absoluteTtl: text(env, 'SESSION_ABSOLUTE'),
    grace: text(env, 'REFRESH_GRACE'),
    onReuse: text(env, 'ON_REUSE') as AuthModuleOptions['onReuse'],
    maxSessionsPerSubject: number(env, 'MAX_SESSIONS'),
    whenFull: text(env, 'WHEN_FULL') as AuthModuleOptions['whenFull'],
    endedRetention: text(env, 'ENDED_RETENTION'),
    sliding: {
      on: text(env, 'SLIDING_ON') as SlidingOn | undefined,
      renewAfter: number(env, 'SLIDING_RENEW_AFTER'),
      extendSession: choice(env, 'SLIDING_EXTEND_SESSION', ['true', 'false'], 'false') === 'true',
      slideLimit: text(env, 'SLIDING_LIMIT'),
    },
    clockTolerance: text(env, 'CLOCK_TOLERANCE'),
    revocation: {
      maxStaleness: text(env, 'REVOCATION_MAX_STALENESS'),
      whenStale: text(env, 'REVOCATION_WHEN_STALE') as WhenStalePolicy | undefined,
    },
    tokenCache: { max: number(env, 'TOKEN_CACHE_MAX') },
    clients: clients(env),
    cookies: {
      sameSite: text(env, 'COOKIE_SAME_SITE') as CookieOptions['sameSite'],
      domain: text(env, 'COOKIE_DOMAIN'),
    },
    allowedOrigins: list(env, 'ALLOWED_ORIGINS'),
  };
}

function clients(env: Environment): AuthModuleOptions['clients'] {
  const given = text(env, 'AUTH_CLIENTS');
  if (given === undefined) return undefined;
  try {
    return JSON.parse(given) as AuthModuleOptions['clients'];
  } catch {
    throw new AuthConfigError('AUTH_CLIENTS is not JSON; write it as {"web":{"transport":"cookie"}}');
  }
}

function redisOptions(env: Environment): RedisTokenRepositoryOptions | undefined {
  const url = secret(env, 'REDIS_URL');
  const sentinels = split(secret(env, 'REDIS_SENTINELS'));
  const cluster = split(secret(env, 'REDIS_CLUSTER'));
  const given = [url, sentinels, cluster].filter((where) => where !== undefined);
  if (given.length > 1) throw new AuthConfigError('Set one of REDIS_URL, REDIS_SENTINELS and REDIS_CLUSTER');
  if (given.length === 0) {
    const alone = ['REDIS_SENTINEL_NAME', 'REDIS_CA_FILE'].find((name) => text(env, name) !== undefined);
    if (alone) throw new AuthConfigError(`${alone} has no effect without REDIS_URL, REDIS_SENTINELS or REDIS_CLUSTER`);
    return undefined;
  }
  const ca = text(env, 'REDIS_CA_FILE');
  const options: RedisTokenRepositoryOptions = {
    url,
    sentinels,
    sentinelName: text(env, 'REDIS_SENTINEL_NAME'),
    cluster,
    ca: ca === undefined ? undefined : readFile('REDIS_CA_FILE', ca),
    keyPrefix: text(env, 'REDIS_KEY_PREFIX'),
    commandTimeout: text(env, 'REDIS_COMMAND_TIMEOUT'),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function namingSettings<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof AuthConfigError)) throw error;
    // A client's own option is told as a part of the one setting.
    const [option] = /^(clients|[\w.]+)/.exec(error.message) ?? [''];
    const setting = OPTION_SETTINGS[option];
    throw setting ? new AuthConfigError(setting + error.message.slice(option.length)) : error;
  }
}

function proxies(env: Environment): string[] {
  const given = list(env, 'TRUST_PROXY') ?? [];
  const wrong = given.find((range) => {
    const [address = '', bits, ...rest] = range.split('/');
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
    return most < 0 || rest.length > 0 || (bits !== undefined && !(/^\d+$/.test(bits) && Number(bits) <= most));
  });
  if (wrong === undefined) return given;
  throw new AuthConfigError(`TRUST_PROXY has '${wrong}'; write addresses or ranges, such as 10.0.0.7 or 10.0.0.0/8`);
}

function routesPath(env: Environment): string {
  const path = text(env, 'ROUTES_PATH') ?? 'auth';
  if (/^[\w-]+(\/[\w-]+)*$/.test(path)) return path;
  throw new AuthConfigError(`ROUTES_PATH is '${path}'; write it without slashes around it, such as auth or api/auth`);
}
