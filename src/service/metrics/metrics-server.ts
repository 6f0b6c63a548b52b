import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SERVER_CONFIG, type ServerConfig } from '../config/load-config.js';
import { listenAt } from '../lifecycle/listen.js';
import { ServiceMetrics } from './service-metrics.js';

/** `/metrics` on `METRICS_PORT`, a port that need not be open to those who use the service. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Keyturn');
  private server?: Server;

  constructor(
    @Inject(SERVER_CONFIG) private readonly config: ServerConfig,
    @Inject(ServiceMetrics) private readonly metrics: ServiceMetrics,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { metricsPort: port, host } = this.config;
    if (port === undefined) return;
    const server = createServer((request, response) => void this.answer(request, response));
    this.server = server;
    await listenAt({ host, port, setting: 'METRICS_PORT' }, (address) =>
      once(server.listen(port, address), 'listening'),
    );
  }

  /** After the last request was answered: until then there is something to be seen. */
  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async answer({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = (method === 'GET' || method === 'HEAD') && /^\/metrics\/?(\?|$)/.test(url);
    if (!found) return void response.writeHead(404).end();
    const { registry } = this.metrics;
    try {
      const text = await registry.metrics();
      response.writeHead(200, { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' }).end(text);
    } catch (error) {
      // The name alone: its message may hold the address of a store.
      this.logger.error(`The metrics could not be read (${error instanceof Error ? error.name : typeof error}).`);
      response.writeHead(500).end();
    }
  }
}
