// First: what it keeps must be there before V8 collects garbage while it loads the rest.
import './auth.tick-shape.js';
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { loadConfig } from './service/config/load-config.js';
import { readServiceConfig } from './service/config/service.config.js';
import { createService, playgroundScript } from './service/create-service.js';
import { HealthController } from './service/http/health.controller.js';
import { listen } from './service/lifecycle/listen.js';
import { notReadyLine } from './service/lifecycle/not-ready.js';
import { startReport } from './service/lifecycle/start-report.js';
import { tellStartFailure } from './service/lifecycle/start-failure.js';
import { stopOnSignals } from './service/lifecycle/stop-signals.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const pages = fileURLToPath(new URL('../pages', import.meta.url));

try {
  const loaded = await loadConfig(readServiceConfig);
  const { config } = loaded;
  const app = await createService(loaded, {
    databaseSnapshot: fileURLToPath(new URL('../pgdata.tar.gz', import.meta.url)),
    hashThread: fileURLToPath(new URL('./service/accounts/hash-thread.js', import.meta.url)),
    pages,
    version,
  });
  stopOnSignals(app, config.shutdownDelay);
  await listen(app, config);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const notReady = notReadyLine((await app.get(HealthController, { strict: false }).parts()).parts, config);
  const report =
    startReport(config, port, playgroundScript(config, { pages }) !== undefined) +
    (notReady === undefined ? '' : `${notReady}\n`);
  if (config.logFormat === 'json') new Logger('Keyturn').log(report.trim());
  else process.stdout.write(report);
} catch (error) {
  tellStartFailure(error, process.env, version);
  process.exit(1);
}
