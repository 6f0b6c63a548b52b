import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Readiness } from '../health/readiness.js';

const LOOK_EVERY = 50;
/**
 * A client that takes longer for its request is cut off. Meanwhile deliveries under way are waited for; what is left to
 * do afterwards (pending webhooks, the database's goodbye) has a second each, so the whole stop stays within ten.
 */
const PATIENCE = 7_500;

/**
 * From serving to gone, without a request that fails. First {@link drain}: readiness says so and answers close their
 * connections, while everything is served as before. Then the server closes: it waits for all connections, and one that
 * answered its last request would be kept alive for more than a minute, so idle ones are ended.
 */
@Injectable()
export class GracefulStop implements OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger('Keyturn');
  private timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  /** Says by readiness that this instance stops, so that no new request is sent to it. May be called twice. */
  drain(): void {
    if (this.readiness.state === 'draining') return;
    this.readiness.drain();
    // Put in now, so that requests before it pay nothing.
    this.server.prependListener('request', (_: IncomingMessage, response: ServerResponse) => {
      response.setHeader('Connection', 'close');
    });
  }

  /** Closes the server now: Nest does so only after these hooks of all providers, and would take connections until then. */
  onModuleDestroy(): void {
    this.drain();
    // Nest waits for the same close later, and hears what became of it.
    this.host.httpAdapter.close()?.catch(() => undefined);
    this.timers = [
      setInterval(() => this.server.closeIdleConnections(), LOOK_EVERY),
      setTimeout(() => this.cutOff(), PATIENCE),
    ];
  }

  onApplicationShutdown(): void {
    this.timers.forEach(clearTimeout);
  }

  private cutOff(): void {
    this.logger.warn(`Requests that were not answered within ${PATIENCE / 1000} s of the stop are cut off.`);
    this.server.closeAllConnections();
  }

  private get server(): Server {
    return this.host.httpAdapter.getHttpServer() as Server;
  }
}
