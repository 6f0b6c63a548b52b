import { Body, Delete, Get, HttpCode, Inject, Optional, Param, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import type { AuthPolicy } from '../auth.options.js';
import { AUTH_POLICY } from '../auth.tokens.js';
import { Public } from '../decorators/access.decorators.js';
import { CurrentUser, type AuthUser } from '../decorators/current-user.decorator.js';
import { JwtAuthGuard } from '../guards/jwt-auth.guard.js';
import { TokenRepository } from '../repositories/token.repository.js';
import type { SessionRecord } from '../sessions/session.js';
import { SessionService } from '../sessions/session.service.js';
import { SubjectRevoker } from '../sessions/subject-revoker.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import { RefreshTokens } from '../tokens/refresh-token.js';
import { AuthExceptionFilter } from '../transport/auth-exception.filter.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { originOf } from '../transport/request-origin.js';
import { extractBearer } from '../transport/token-extractor.js';
import { RefreshTokenPipe, type RefreshTokenBody } from './refresh-token.pipe.js';

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

const SESSION_ID = /^[\w-]{22}$/;

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

const notFound = (): AuthError => new AuthError('not_found', 'You have no such session.');

/** The sessions of a user: listed, and ended one by one, all but the caller's, or all. */
@UseFilters(AuthExceptionFilter)
export class SessionsController {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(TokenRepository) private readonly repository: TokenRepository,
    @Inject(AccessTokenService) private readonly accessTokens: AccessTokenService,
    @Inject(RefreshTokens) private readonly refreshTokens: RefreshTokens,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Optional() @Inject(SubjectRevoker) private readonly revoker?: SubjectRevoker,
  ) {}

  @UseGuards(JwtAuthGuard)
  @Get('sessions')
  async list(@CurrentUser() user: AuthUser): Promise<{ sessions: readonly SessionView[] }> {
    const sessions = await this.sessions.list(user.sub);
    return { sessions: sessions.map((session) => viewOf(session, user.sid)) };
  }

  /** Ends one of the caller's own; what is another's and what is nobody's are told apart by nothing. */
  @UseGuards(JwtAuthGuard)
  @Delete('sessions/:id')
  @HttpCode(204)
  async end(@CurrentUser() { sub }: AuthUser, @Param('id') id: string, @Req() request: IncomingRequest): Promise<void> {
    if (!SESSION_ID.test(id)) throw notFound();
    const { record, ended } = await this.repository.find(sub, id);
    // One that was ended so before is ended again: a first call may have been cut off before it was announced.
    if (!record && ended !== 'session_revoked') throw notFound();
    await this.sessions.revoke(sub, id, originOf(request));
  }

  @UseGuards(JwtAuthGuard)
  @Delete('sessions')
  @HttpCode(204)
  async endOthers(@CurrentUser() { sub, sid }: AuthUser, @Req() request: IncomingRequest): Promise<void> {
    await this.sessions.revokeOthers(sub, sid, originOf(request));
  }

  @UseGuards(JwtAuthGuard)
  @Post('logout-all')
  @HttpCode(204)
  async logoutAll(@CurrentUser() { sub, sid }: AuthUser, @Req() request: IncomingRequest): Promise<void> {
    const origin = originOf(request);
    if (this.revoker) return this.revoker.revokeAll(sub, origin);
    // Noted in the store alone, a generation above the host's own would refuse every login to come.
    if (this.policy.loadSubject) return this.sessions.endAll(sub, 'session_revoked', origin, sid);
    return this.sessions.revokeAll(sub, undefined, origin);
  }

  /**
   * Ends the session of a token that we signed, spent or expired as it may be; a logout must not fail because it comes
   * late. The token in the body counts before the bearer. None, or one that is not ours, changes nothing.
   */
  @Public()
  @Post('logout')
  @HttpCode(204)
  async logout(@Body(RefreshTokenPipe) body: RefreshTokenBody, @Req() request: IncomingRequest): Promise<void> {
    const session = this.sessionOf(body.refresh_token, extractBearer(request));
    if (session) await this.sessions.revoke(session.sub, session.sid, originOf(request));
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
