import type { IncomingMessage } from 'node:http';
import { Controller, Get, Inject, NotFoundException, Req, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '../../openapi/swagger-metadata.js';
import { Public } from '../../index.js';
import { ApiErrors } from '../../openapi/index.js';
import { ServiceMetrics } from './service-metrics.js';

/** A proxy on this machine asks from loopback for anybody, and says so. What it says only ever takes trust away. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];
const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

/** `GET /metrics` where no port of its own is set: for this machine only. By the socket: a header can say anything. */
@Public()
@ApiTags('operation')
@Controller('metrics')
export class MetricsController {
  constructor(
    @Inject(ServiceMetrics) private readonly metrics: ServiceMetrics,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'metrics', summary: 'Metrics for Prometheus, for this machine only' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' }, description: 'The text format of Prometheus.' })
  @ApiErrors(['not_found'])
  async read(@Req() request: { readonly raw: IncomingMessage }, @Res({ passthrough: true }) response: object) {
    if (!isFromThisMachine(request.raw)) throw new NotFoundException('Cannot GET /metrics');
    const { registry } = this.metrics;
    this.host.httpAdapter.setHeader(response, 'Content-Type', registry.contentType);
    this.host.httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    return registry.metrics();
  }
}

export const isFromThisMachine = ({
  socket,
  headers,
}: Pick<IncomingMessage, 'headers'> & { socket: object }): boolean =>
  LOOPBACK.test((socket as { remoteAddress?: string }).remoteAddress ?? '') &&
  FORWARDED.every((name) => headers[name] === undefined);
