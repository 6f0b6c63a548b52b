import { Body, Get, HttpCode, Inject, Post, Req, UseFilters, UseGuards, UsePipes } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import { Public } from '../decorators/access.decorators.js';
import { CurrentUser, type AuthUser } from '../decorators/current-user.decorator.js';
import { JwtAuthGuard } from '../guards/jwt-auth.guard.js';
import type { SessionRecord } from '../sessions/session.js';
import { SessionService } from '../sessions/session.service.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import { RefreshTokens } from '../tokens/refresh-token.js';
import { AuthExceptionFilter } from '../transport/auth-exception.filter.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { extractBearer } from '../transport/token-extractor.js';
import { BodyPipe } from './body.pipe.js';
import { RefreshTokenBody } from './refresh.controller.js';

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

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

const viewOf = (session: SessionRecord, currentId: string): SessionView => ({
  id: session.sid,
  current: session.sid === currentId,
  client_id: session.clientId,
  device_name: session.device.name ?? null,
  user_agent: session.device.userAgent ?? null,
  ip: session.device.ip ?? null,
  created_at: seconds(session.createdAt),
  last_seen_at: seconds(session.rotatedAt),
  expires_at: seconds(Math.min(session.idleEnd, session.absoluteEnd)),
});

/** The sessions of a user: `GET sessions` lists them, `POST logout` ends the caller's. */
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
export class SessionsController {
  constructor(
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(AccessTokenService) private readonly accessTokens: AccessTokenService,
    @Inject(RefreshTokens) private readonly refreshTokens: RefreshTokens,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {}

  @UseGuards(JwtAuthGuard)
  @Get('sessions')
  async list(@CurrentUser() user: AuthUser): Promise<{ sessions: readonly SessionView[] }> {
    const sessions = await this.sessions.list(user.sub);
    return { sessions: sessions.map((session) => viewOf(session, user.sid)) };
  }

  /**
   * Ends the session of a token that we signed, spent or expired as it may be; a logout must not fail because it comes
   * late. The token in the body counts before the bearer. None, or one that is not ours, changes nothing.
   */
  @Public()
  @Post('logout')
  @HttpCode(204)
  async logout(@Body() body: RefreshTokenBody, @Req() request: IncomingRequest): Promise<void> {
    const session = this.sessionOf(body.refresh_token, extractBearer(request));
    if (session) await this.sessions.revoke(session.sub, session.sid);
  }

  private sessionOf(refreshToken?: string, bearer?: string): { sub: string; sid: string } | undefined {
    try {
      if (refreshToken !== undefined) return this.refreshTokens.verify(refreshToken, this.clock.now());
      return bearer === undefined ? undefined : this.accessTokens.verifySignature(bearer);
    } catch (error) {
      if (error instanceof AuthError) return undefined;
      throw error;
    }
  }
}
