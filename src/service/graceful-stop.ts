import type { Server } from 'node:http';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

const LOOK_EVERY = 50;
/** A client that takes longer for its request is cut off, so that the whole stop stays within ten seconds. */
const PATIENCE = 8_000;

/**
 * Ends connections while the server closes: it waits for all of them, and one that answered its last request would
 * be kept alive for more than a minute.
 */
@Injectable()
export class GracefulStop implements BeforeApplicationShutdown, OnApplicationShutdown {
  private timers: NodeJS.Timeout[] = [];

  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  beforeApplicationShutdown(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    this.timers = [
      setInterval(() => server.closeIdleConnections(), LOOK_EVERY),
      setTimeout(() => server.closeAllConnections(), PATIENCE),
    ];
  }

  onApplicationShutdown(): void {
    this.timers.forEach(clearTimeout);
  }
}
