import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuthEvents, SessionService, type Duration } from '../../../index.js';
import { KeyturnTestingModule, TestClock } from '../../../testing/index.js';
import type { ActorId, WorldPolicy, WorldState } from '../../../pages/playground/world.types.js';
import { DEMO_USER } from './demo.controller.js';
import { DemoModule } from './demo.module.js';
import { ACTOR_HEADER, ExchangeLog, LOST_HEADER } from './exchange-log.js';
import { keptSession } from './kept-session.js';

export interface WorldSetup {
  /** Milliseconds since the epoch: where its clock starts. */
  readonly now: number;
  readonly policy: WorldPolicy;
  /** Where the demo is reached, for its tokens: `iss`. */
  readonly origin: string;
}

/** A demo with a clock that moves when it is told to: one page plays in it, and nobody else. */
export class World {
  readonly id = randomUUID();
  private isLosing = false;

  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly kit: KeyturnTestingModule,
    private readonly log: ExchangeLog,
    private readonly policy: WorldPolicy,
  ) {}

  /** @throws AuthConfigError for a policy that cannot be */
  static async open({ now, policy, origin }: WorldSetup): Promise<World> {
    const clock = new TestClock(now);
    const log = new ExchangeLog(() => clock.now());
    const replaced: Provider[] = [];
    const kit = KeyturnTestingModule.replaceStore(
      {
        overrideProvider: (provide) => ({
          useValue: (useValue) => replaced.push({ provide, useValue } as Provider),
          useFactory: (made) => replaced.push({ provide, useFactory: made.factory, inject: made.inject } as Provider),
        }),
      },
      clock,
    );
    const options = {
      issuer: origin,
      accessTtl: policy.accessTtl as Duration,
      idleTtl: policy.idleTtl as Duration,
      absoluteTtl: policy.absoluteTtl as Duration,
      grace: policy.grace as Duration,
    };
    const adapter = new FastifyAdapter({ genReqId: () => randomUUID(), requestIdHeader: false, bodyLimit: 16 * 1024 });
    log.watch(adapter.getInstance());
    const app = await NestFactory.create<NestFastifyApplication>(DemoModule.forRoot(options, log, replaced), adapter, {
      abortOnError: false,
    });
    await app.init();
    await adapter.getInstance().ready();
    app.get(AuthEvents, { strict: false }).listen((event) => log.happened(event));
    return new World(app, kit, log, policy);
  }

  /** Serves a request of an actor: the very one, over its own connection. */
  deliver(actor: ActorId, path: string, request: IncomingMessage, response: ServerResponse): void {
    request.url = path;
    request.headers[ACTOR_HEADER] = actor;
    if (this.isLosing && request.method === 'POST' && path === '/auth/refresh') {
      request.headers[LOST_HEADER] = 'yes';
      this.kit.loseNextRefreshAnswer();
    } else delete request.headers[LOST_HEADER];
    this.app.getHttpServer().emit('request', request, response);
  }

  /** @param by such as `'31m'` @throws AuthConfigError for what is no duration */
  advance(by: string): void {
    this.kit.advance(by);
  }

  /** Until it is told otherwise, answers of refresh do not arrive: a browser may send a request once more by itself. */
  loseAnswers(isLosing: boolean): void {
    this.isLosing = isLosing;
  }

  /** @returns undefined where no refresh token of the session was handed out */
  steal(sid: string): string | undefined {
    try {
      return this.kit.stealToken(sid);
    } catch {
      return undefined;
    }
  }

  async state(since = 0): Promise<WorldState> {
    const sessions = await this.app.get(SessionService, { strict: false }).list(DEMO_USER);
    return {
      id: this.id,
      clock: this.kit.clock.now(),
      policy: this.policy,
      exchanges: this.log.since(since),
      sessions: sessions.map(keptSession),
    };
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}
