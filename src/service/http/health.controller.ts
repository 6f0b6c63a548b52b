import { Controller, Get, HttpStatus, Inject, Res, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '../../openapi/swagger-metadata.js';
import { AUTH_POLICY, AuthError, GenerationStore, Public, Revocations, type AuthPolicy } from '../../index.js';
import { Readiness } from '../health/readiness.js';
import { RedisConnections } from '../health/redis-connections.js';
import { LiveAnswer, ReadyAnswer } from './answers.js';
import { Database } from '../database/database.js';

/**
 * Whether the process is alive, and whether to send it requests. A part that goes away later only degrades: guarded
 * routes need no store, and taking every pod out would turn a short outage of Redis into a long one of everything.
 */
@Public()
@ApiTags('operation')
@Controller('health')
export class HealthController implements OnApplicationBootstrap {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(GenerationStore) private readonly store: GenerationStore,
    @Inject(Database) private readonly database: Database,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(RedisConnections) private readonly redis: RedisConnections,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.parts();
  }

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
    const { allUp, ...told } = await this.parts();
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

  /** Asks each part whether it answers. */
  async parts() {
    // Without sessions to keep there is no store, and Redis, if any, is the feed.
    const [store, users] = await Promise.all([
      this.policy.keepsSessions ? faultOf(this.store.time()) : undefined,
      faultOf(this.database.ping()),
    ]);
    const feed = this.revocations.isStale() ? (this.redis.troubleOf('feed')?.fault ?? STALE) : null;
    const found = Object.entries({ store, users, feed }).filter(([, fault]) => fault !== undefined);
    const faults = Object.fromEntries(found.filter(([, fault]) => fault !== null)) as ReadyAnswer['faults'];
    const parts = Object.fromEntries(
      found.map(([part, fault]) => [part, fault === null ? 'up' : 'down']),
    ) as unknown as ReadyAnswer['parts'];
    const allUp = Object.keys(faults).length === 0;
    if (allUp) this.readiness.allUp();
    return { allUp, parts, faults };
  }
}

const STALE = 'The knowledge of revocations is older than REVOCATION_MAX_STALENESS.';

/** Why something cannot be done, in words for an operator; null if it can. */
async function faultOf(asked: Promise<unknown>): Promise<string | null> {
  try {
    await asked;
    return null;
  } catch (error) {
    if (error instanceof AuthError) return error.fault ?? error.code;
    throw error;
  }
}
