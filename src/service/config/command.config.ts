import { resolveOptions, type AuthPolicy, type RedisTokenRepositoryOptions } from '../../index.js';
import { checkOptions, type CheckedOf } from '../../internal.js';
import { keysInDataDir } from './keys-in-data-dir.js';
import { readAuth } from './auth-settings.js';
import { fromEnvironment, isProduction, text, type Environment } from './environment.js';
import { checkProduction, DATABASE_RULES, PRODUCTION_OPTIONS } from './production.js';
import { ACCOUNT_OPTIONS, DATABASE_OPTIONS } from './service-options.js';
import { readRedis } from './service.config.js';
import { namingSettings } from './settings.js';

export type UsersConfig = CheckedOf<typeof DATABASE_OPTIONS & typeof ACCOUNT_OPTIONS>;

/**
 * The policy alone that the settings make, without a look at the rest.
 * @throws AuthConfigError that names the setting and says what it may be
 */
export function readAuthPolicy(env: Environment): AuthPolicy {
  return namingSettings(() => {
    const { strategy, ...auth } = readAuth(env, 'http://localhost');
    return resolveOptions(auth, strategy);
  });
}

/** What the commands of keys need: where these are, and how long what they sign lives. */
export function readKeysConfig(env: Environment): { readonly file: string; readonly policy: AuthPolicy } {
  const { dataDir } = namingSettings(() => checkOptions(DATABASE_OPTIONS, fromEnvironment(DATABASE_OPTIONS, env)));
  return { file: text(env, 'AUTH_KEYS_FILE') ?? keysInDataDir(dataDir), policy: readAuthPolicy(env) };
}

/**
 * What a command needs that works on the users' database. Of what production refuses, only the database is its business.
 * @throws AuthConfigError that names the setting and says what it may be
 */
export function readUsersConfig(env: Environment): UsersConfig {
  return namingSettings(() => {
    const table = { ...DATABASE_OPTIONS, ...ACCOUNT_OPTIONS, ...PRODUCTION_OPTIONS };
    const config = checkOptions(table, fromEnvironment(table, env));
    if (isProduction(env)) checkProduction(DATABASE_RULES, config, config.allowInProduction);
    return config;
  });
}

/** What `keyturn why` needs: where the sessions are, and the users. */
export function readWhyConfig(
  env: Environment,
): UsersConfig & { readonly redis: RedisTokenRepositoryOptions | undefined } {
  return { ...readUsersConfig(env), redis: namingSettings(() => readRedis(env)) };
}
