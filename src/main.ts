// Before the rest is loaded, see auth.module.ts.
import './auth.tick-shape.js';
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { AuthConfigError } from './index.js';
import { createService } from './service/create-service.js';
import { readServiceConfig } from './service/config/service.config.js';
import { startReport } from './service/lifecycle/start-report.js';
import { stopOnSignals } from './service/lifecycle/stop-signals.js';

try {
  // Reads .env into the environment; what is set there already counts more.
  await ConfigModule.forRoot();
  const config = readServiceConfig(process.env);
  const app = await createService(config, {
    databaseSnapshot: fileURLToPath(new URL('../pgdata.tar.gz', import.meta.url)),
  });
  stopOnSignals(app, config.shutdownDelay);
  await app.listen({ port: config.port, host: '0.0.0.0' });
  const { port } = app.getHttpServer().address() as AddressInfo;
  const report = startReport(config, port);
  if (config.logFormat === 'json') new Logger('Keyturn').log(report.trim());
  else process.stdout.write(report);
} catch (error) {
  const expected = error instanceof AuthConfigError || (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const { message, stack } = error as Error;
  process.stderr.write(`Keyturn did not start: ${expected ? message : stack}\n`);
  process.exit(1);
}
