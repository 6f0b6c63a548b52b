import { Delete, Get, HttpCode, Inject, Param, Req, Res, UseGuards } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { CurrentUser, type AuthUser } from '../decorators/current-user.decorator.js';
import { NoSliding } from '../decorators/sliding-session.decorator.js';
import { JwtAuthGuard } from '../guards/jwt-auth.guard.js';
import { TokenRepository } from '../sessions/token.repository.js';
import type { EndCause } from '../events/request-info.js';
import type { SessionEndReason, SessionRecord } from '../sessions/session.js';
import type { PastSession } from '../sessions/session-history.js';
import { SessionService } from '../sessions/session.service.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { requestInfoOf } from '../transport/request-info.js';
import { RouteAnswers } from '../transport/route-answers.js';

/** One session as its owner sees it; whole seconds since the epoch, never token material. */
export interface SessionView {
  readonly id: string;
  readonly current: boolean;
  readonly client_id: string;
  readonly device_name: string | null;
  readonly user_agent: string | null;
  readonly ip: string | null;
  readonly created_at: number;
  readonly last_seen_at: number;
  /** When it ends if it is not used again. */
  readonly expires_at: number;
}

/** One that has ended, as its owner sees it; whole seconds since the epoch, never token material. */
export interface EndedSessionView {
  readonly id: string;
  readonly client_id: string;
  readonly device_name: string | null;
  readonly user_agent: string | null;
  /** Where it was opened from. */
  readonly ip: string | null;
  readonly created_at: number;
  readonly last_seen_at: number;
  readonly ended_at: number;
  /** The code that its tokens are refused with. */
  readonly reason: SessionEndReason;
  /** Finer than the reason, where more is known. */
  readonly cause: EndCause | null;
  /** Where the request came from that ended it. */
  readonly ended_from: string | null;
}

/** How a session's id is spelled. */
export const SESSION_ID = /^[\w-]{22}$/;

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** A session as its owner may see it. @param currentId the session that asks */
export const sessionView = (session: SessionRecord, currentId: string): SessionView => {
  const { id, ...more } = deviceOf(session);
  const current = id === currentId;
  return { id, current, ...more, expires_at: seconds(Math.min(session.idleEnd, session.absoluteEnd)) };
};

const endedViewOf = (session: PastSession): EndedSessionView => ({
  ...deviceOf(session),
  ended_at: seconds(session.endedAt),
  reason: session.reason,
  cause: session.cause ?? null,
  ended_from: session.ip ?? null,
});

const deviceOf = (session: SessionRecord | PastSession) => ({
  id: session.sid,
  client_id: session.clientId,
  device_name: session.device.name ?? null,
  user_agent: session.device.userAgent ?? null,
  ip: session.device.ip ?? null,
  created_at: seconds(session.createdAt),
  last_seen_at: seconds(session.rotatedAt),
});

const notFound = (): AuthError => new AuthError('not_found', 'You have no such session.');

/** The sessions of a user: listed, and ended one by one or all but the caller's. */
@NoSliding()
export class SessionsController {
  constructor(
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(TokenRepository) private readonly repository: TokenRepository,
    @Inject(RouteAnswers) private readonly answers: RouteAnswers,
  ) {}

  @UseGuards(JwtAuthGuard)
  @Get('sessions')
  list(@CurrentUser() user: AuthUser, @Res() response: object): Promise<void> {
    return this.answers.send<{ sessions: readonly SessionView[] }>(response, async () => {
      const sessions = await this.sessions.list(user.sub);
      return { sessions: sessions.map((session) => sessionView(session, user.sid)) };
    });
  }

  /** The latest that have ended, as long as each is remembered (`endedRetention`), and why. */
  @UseGuards(JwtAuthGuard)
  @Get('sessions/ended')
  ended(@CurrentUser() user: AuthUser, @Res() response: object): Promise<void> {
    return this.answers.send<{ sessions: readonly EndedSessionView[] }>(response, async () => {
      const past = await this.repository.history(user.sub);
      return { sessions: past.map((session) => endedViewOf(session)) };
    });
  }

  /** Ends one of the caller's own; what is another's and what is nobody's are told apart by nothing. */
  @UseGuards(JwtAuthGuard)
  @Delete('sessions/:id')
  @HttpCode(204)
  end(
    @CurrentUser() { sub }: AuthUser,
    @Param('id') id: string,
    @Req() request: IncomingRequest,
    @Res() response: object,
  ): Promise<void> {
    return this.answers.send(response, async () => {
      if (!SESSION_ID.test(id)) throw notFound();
      const { record, ended } = await this.repository.find(sub, id);
      // One that was ended so before is ended again: a first call may have been cut off before it was announced.
      if (!record && ended !== 'session_revoked') throw notFound();
      await this.sessions.revoke(sub, id, { ...requestInfoOf(request), cause: 'other_device' });
    });
  }

  @UseGuards(JwtAuthGuard)
  @Delete('sessions')
  @HttpCode(204)
  endOthers(
    @CurrentUser() { sub, sid }: AuthUser,
    @Req() request: IncomingRequest,
    @Res() response: object,
  ): Promise<void> {
    return this.answers.send(response, () =>
      this.sessions.revokeOthers(sub, sid, { ...requestInfoOf(request), cause: 'other_device' }),
    );
  }
}
