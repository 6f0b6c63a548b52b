import { Controller, Get, HttpStatus, Inject, Res, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AUTH_POLICY, AuthError, Public, Revocations, TokenRepository, type AuthPolicy } from '../../index.js';
import { GracefulStop } from '../lifecycle/graceful-stop.js';
import { Database } from '../database/database.js';

type PartState = 'up' | 'down';

/** `status` is `starting` or `draining` with a 503, `ok` or `degraded` with a 200. */
export interface ReadyAnswer {
  readonly status: 'ok' | 'degraded' | 'starting' | 'draining';
  readonly parts: { readonly store?: PartState; readonly users: PartState; readonly feed: PartState };
}

/**
 * Whether the process is alive, and whether to send it requests. A part that goes away later only degrades: guarded
 * routes need no store, and taking every pod out would turn a short outage of Redis into a long one of everything.
 */
@Public()
@Controller('health')
export class HealthController implements OnApplicationBootstrap {
  private wasReady = false;

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(TokenRepository) private readonly repository: TokenRepository,
    @Inject(Database) private readonly database: Database,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(GracefulStop) private readonly stop: GracefulStop,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.parts();
  }

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) response: object): Promise<ReadyAnswer> {
    const { allUp, ...parts } = await this.parts();
    const { httpAdapter } = this.host;
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    const draining = this.stop.isDraining;
    if (draining || !this.wasReady) {
      httpAdapter.status(response, HttpStatus.SERVICE_UNAVAILABLE);
      httpAdapter.setHeader(response, 'Retry-After', '1');
      return { status: draining ? 'draining' : 'starting', parts };
    }
    return { status: allUp ? 'ok' : 'degraded', parts };
  }

  private async parts() {
    // Without sessions to keep there is no store, and Redis, if any, is the feed.
    const [store, users] = await Promise.all([
      this.policy.keepsSessions ? stateOf(this.repository.time()) : undefined,
      stateOf(this.database.ping()),
    ]);
    const feed: PartState = this.revocations.isStale() ? 'down' : 'up';
    const allUp = [store, users, feed].every((part) => part !== 'down');
    this.wasReady ||= allUp;
    return { allUp, ...(store && { store }), users, feed };
  }
}

async function stateOf(asked: Promise<unknown>): Promise<PartState> {
  try {
    await asked;
    return 'up';
  } catch (error) {
    if (error instanceof AuthError) return 'down';
    throw error;
  }
}
