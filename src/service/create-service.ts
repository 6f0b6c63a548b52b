import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuthConfigError, corsOptions, resolveOptions } from '../index.js';
import { addApiPage } from './http/api-page.js';
import { ServiceLogger } from './lifecycle/service-logger.js';
import { acceptForms } from './http/form-parser.js';
import type { NameOf } from '../internal.js';
import type { KeysConfig, LoadedConfig } from './config/load-config.js';
import { settingOf } from './config/settings.js';
import { keysInDataDir } from './keys/key-file.js';
import type { ServiceFiles } from './core.module.js';
import { ServiceModule } from './service.module.js';

const MAX_BODY_BYTES = 16 * 1024;
const REQUEST_TIMEOUT = 30_000;

/**
 * The standalone service, ready to listen.
 * @throws AuthConfigError when a setting, the data folder or the keys cannot be used
 */
export async function createService(loaded: LoadedConfig, files: ServiceFiles = {}): Promise<NestFastifyApplication> {
  const { config } = loaded;
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT,
    // On a stop, requests under way are answered, and idle connections are not waited for.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(ServiceModule.forRoot(loaded, files), adapter, {
    abortOnError: false,
    bodyParser: false,
    logger: new ServiceLogger(config),
  }).catch((error: unknown) => {
    throw error instanceof AuthConfigError ? error.renamed(namesIn(config)) : error;
  });
  // Only JSON comes in, and forms where OAuth wants them; everything else is a 415.
  adapter.getInstance().removeContentTypeParser('text/plain');
  acceptForms(adapter.getInstance(), config.oauthPath);
  if (config.auth.allowedOrigins) {
    app.enableCors(corsOptions(resolveOptions({ ...config.auth, keys: undefined }, config.strategy)));
  }
  if (config.docs === 'on') addApiPage(app, { atRoot: !config.production });
  return app;
}

/** How the operator calls an option; the keys by where they are from. */
const namesIn =
  ({ keys, keysFile, dataDir }: KeysConfig): NameOf =>
  (option) => {
    if (option !== 'keys') return settingOf(option);
    return keysFile === undefined
      ? keys === undefined
        ? keysInDataDir(dataDir)
        : 'AUTH_KEYS'
      : `AUTH_KEYS_FILE ${keysFile}`;
  };
