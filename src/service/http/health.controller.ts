import { Controller, Get, HttpStatus, Inject, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '../../openapi/swagger-metadata.js';
import { Public } from '../../index.js';
import { Readiness } from '../health/readiness.js';
import { RedisConnections } from '../health/redis-connections.js';
import { ServiceParts } from '../health/service-parts.js';
import { LiveAnswer, ReadyAnswer } from './answers.js';

/**
 * Milliseconds. A probe that waits for a part which hangs is itself too late, and takes out every instance at once: that of
 * Kubernetes waits for a second, unless it is told to wait longer.
 */
const ANSWERS_WITHIN = 750;

/**
 * Whether the process is alive, and whether to send it requests. A part that goes away later only degrades: guarded
 * routes need no store, and taking every pod out would turn a short outage of Redis into a long one of everything.
 */
@Public()
@ApiTags('operation')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(ServiceParts) private readonly parts: ServiceParts,
    @Inject(RedisConnections) private readonly redis: RedisConnections,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /** 503 only where a new process would help: a Redis that is away is found by this one as soon as it is back. */
  @Get('live')
  @ApiOperation({ operationId: 'live', summary: 'The process answers' })
  @ApiOkResponse({ type: LiveAnswer, description: 'Done.' })
  @ApiServiceUnavailableResponse({ type: LiveAnswer, description: 'A new process would help.' })
  live(@Res({ passthrough: true }) response: object): LiveAnswer {
    if (!this.redis.areLost) return { status: 'ok' };
    this.host.httpAdapter.status(response, HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'lost' };
  }

  @Get('ready')
  @ApiOperation({ operationId: 'ready', summary: 'Send it requests' })
  @ApiOkResponse({ type: ReadyAnswer, description: 'Done.' })
  // Not ready is told in the shape of ready.
  @ApiServiceUnavailableResponse({ type: ReadyAnswer, description: 'Starting or draining.' })
  async ready(@Res({ passthrough: true }) response: object): Promise<ReadyAnswer> {
    const { allUp, ...told } = await this.parts.ask(ANSWERS_WITHIN);
    const { httpAdapter } = this.host;
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    const { state } = this.readiness;
    if (state !== 'ready') {
      httpAdapter.status(response, HttpStatus.SERVICE_UNAVAILABLE);
      httpAdapter.setHeader(response, 'Retry-After', '1');
      return { status: state, ...told };
    }
    return { status: allUp ? 'ok' : 'degraded', ...told };
  }
}
