import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { assertHashing } from './accounts/hash-check.js';
import { loadConfig } from './config/load-config.js';
import { readServiceConfig } from './config/service.config.js';
import { createService, playgroundScript } from './create-service.js';
import { ServiceParts } from './health/service-parts.js';
import { listen } from './lifecycle/listen.js';
import { notReadyLine } from './lifecycle/not-ready.js';
import { outliveLostOutput } from './lifecycle/lost-output.js';
import { startReport } from './lifecycle/start-report.js';
import { tellStartFailure } from './lifecycle/start-failure.js';
import { stopOnSignals } from './lifecycle/stop-signals.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const pages = fileURLToPath(new URL('../../pages', import.meta.url));

/** The whole life of the service in this process. A start that fails says why, and ends it. */
export async function startService(): Promise<void> {
  outliveLostOutput();
  try {
    const loaded = await loadConfig(readServiceConfig);
    const { config } = loaded;
    await assertHashing();
    const app = await createService(loaded, {
      databaseSnapshot: fileURLToPath(new URL('../../pgdata.tar.gz', import.meta.url)),
      hashThread: fileURLToPath(new URL('./accounts/hash-thread.js', import.meta.url)),
      pages,
      version,
    });
    stopOnSignals(app, config.shutdownDelay);
    await listen(app, config);
    const { port } = app.getHttpServer().address() as AddressInfo;
    const { parts } = await app.get(ServiceParts, { strict: false }).ask();
    const notReady = notReadyLine(parts, config);
    const report =
      startReport(config, port, playgroundScript(config, { pages }) !== undefined) +
      (notReady === undefined ? '' : `${notReady}\n`);
    if (config.logFormat === 'json') new Logger('Keyturn').log(report.trim());
    else process.stdout.write(report);
  } catch (error) {
    tellStartFailure(error, process.env, version);
    process.exit(1);
  }
}
