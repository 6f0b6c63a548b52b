import type { DynamicModule } from '@nestjs/common';
import { ConfigModule, getConfigToken, registerAs } from '@nestjs/config';
import { checkEnvFile } from './env-file.js';
import { text, type Environment } from './environment.js';
import { checkNames } from './misspelt.js';
import { refusePublicSuffix } from './public-suffix.js';
import type { ServiceConfig } from './service.config.js';

/** Namespaces of the configuration, each with what some modules need; `@Inject(ACCOUNT_CONFIG) config: AccountConfig`. */
export const ACCOUNT_CONFIG = getConfigToken('accounts');
export const KEYS_CONFIG = getConfigToken('keys');
export const SERVER_CONFIG = getConfigToken('server');
export const WEBHOOK_CONFIG = getConfigToken('webhooks');

export type AccountConfig = Pick<ServiceConfig, 'registration' | 'registrationSilent' | 'requireVerifiedEmail'>;
export type KeysConfig = Pick<ServiceConfig, 'keys' | 'keysFile' | 'dataDir'>;
export type WebhookConfig = Pick<ServiceConfig, 'webhookUrl' | 'webhookSecret'>;
export type ServerConfig = Pick<ServiceConfig, 'host' | 'metricsPort' | 'oauthPath'>;

/** A configuration, and the module that gives its namespaces to all others. */
export interface LoadedConfig<Config = ServiceConfig> {
  readonly config: Config;
  readonly module: DynamicModule;
}

/**
 * Reads `.env` and the environment, in which what is set counts more.
 * @param read what a program needs, such as `readServiceConfig`
 * @param env in place of both
 * @throws AuthConfigError that names the setting and says what it may be
 */
export async function loadConfig<Config extends object>(
  read: (env: Environment) => Config,
  env?: Environment,
): Promise<LoadedConfig<Config>> {
  if (env === undefined) checkEnvFile('.env');
  let config!: Config;
  let settings!: Environment;
  const parts = (): Partial<ServiceConfig> => config;
  const module = await ConfigModule.forRoot({
    isGlobal: true,
    ignoreEnvFile: env !== undefined,
    ignoreEnvVars: env !== undefined,
    validate: (given: Record<string, unknown>) => {
      settings = env ?? (given as Environment);
      checkNames(settings);
      config = read(settings);
      return given;
    },
    load: [
      registerAs('accounts', () => {
        const { registration, registrationSilent, requireVerifiedEmail } = parts();
        return { registration, registrationSilent, requireVerifiedEmail };
      }),
      registerAs('keys', () => {
        const { keys, keysFile, dataDir } = parts();
        return { keys, keysFile, dataDir };
      }),
      registerAs('webhooks', () => {
        const { webhookUrl, webhookSecret } = parts();
        return { webhookUrl, webhookSecret };
      }),
      registerAs('server', () => {
        const { host, metricsPort, oauthPath } = parts();
        return { host, metricsPort, oauthPath };
      }),
    ],
  });
  await refusePublicSuffix(text(settings, 'COOKIE_DOMAIN'));
  return { config, module };
}
