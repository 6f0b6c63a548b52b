import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuthConfigError, corsOptions, resolveOptions } from '../index.js';
import { addAnswerHeaders } from './http/answer-headers.js';
import { addApiPage } from './http/api-page.js';
import { accountScript, addAccountPage } from './http/account-page.js';
import { addMailPages } from './http/mail-pages.js';
import { httpServer } from './http/http-server.js';
import { takeJsonAlone } from './http/json-bodies.js';
import { ServiceLogger } from './lifecycle/service-logger.js';
import { acceptForms } from './http/form-parser.js';
import type { NameOf } from '../internal.js';
import type { KeysConfig, LoadedConfig } from './config/load-config.js';
import type { ServiceConfig } from './config/service.config.js';
import { MAIL_DELIVERY, type MailDelivery } from './mail/choose-mailer.js';
import { settingOf } from './config/settings.js';
import { keysInDataDir } from './config/keys-in-data-dir.js';
import type { ServiceSetup } from './core.module.js';
import { Webhooks } from './webhooks/webhooks.js';
import { ServiceModule } from './service.module.js';

/**
 * The standalone service, ready to listen.
 * @throws AuthConfigError when a setting, the data folder or the keys cannot be used
 */
export async function createService(loaded: LoadedConfig, setup: ServiceSetup = {}): Promise<NestFastifyApplication> {
  const { config } = loaded;
  const script =
    config.accountClient &&
    (await accountScript(setup.pages).catch((error: AuthConfigError) => {
      throw error.renamed(settingOf);
    }));
  const adapter = httpServer(config.trustProxy);
  const app = await NestFactory.create<NestFastifyApplication>(ServiceModule.forRoot(loaded, setup), adapter, {
    abortOnError: false,
    bodyParser: false,
    logger: new ServiceLogger(config, setup.version),
  }).catch((error: unknown) => {
    throw error instanceof AuthConfigError ? error.renamed(namesIn(config)) : error;
  });
  if (config.webhookUrl !== undefined) {
    // Before an answer leaves: what it tells of must be written down by then.
    const webhooks = app.get(Webhooks, { strict: false });
    adapter.getInstance().addHook('onSend', async (request) => webhooks.written(request.id));
  }
  takeJsonAlone(adapter.getInstance());
  // And forms where OAuth wants them.
  acceptForms(adapter.getInstance(), config.oauthPath);
  addAnswerHeaders(adapter.getInstance(), { https: config.production });
  if (config.auth.allowedOrigins) {
    app.enableCors(corsOptions(resolveOptions(config.auth, config.strategy)));
  }
  addMailPages(adapter.getInstance(), config);
  if (script !== undefined) {
    const { mailer } = app.get<MailDelivery>(MAIL_DELIVERY, { strict: false });
    const parts = { client: config.accountClient!, script, sendsMails: mailer !== null };
    addAccountPage(adapter.getInstance(), config, parts);
  }
  const playground = playgroundScript(config, setup);
  if (playground !== undefined) {
    const { addPlayground } = await import('./playground/playground.js');
    addPlayground(adapter.getInstance(), { script: playground, routesPath: config.routesPath });
  }
  if (config.docs === 'on') addApiPage(app, { atRoot: !config.production && playground === undefined });
  return app;
}

/** The file that the playground's page runs. In production there is none, and nothing of the playground is loaded. */
export function playgroundScript(
  { production }: Pick<ServiceConfig, 'production'>,
  { pages }: ServiceSetup,
): string | undefined {
  if (production || pages === undefined) return undefined;
  const script = join(pages, 'playground.js');
  return existsSync(script) ? script : undefined;
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
