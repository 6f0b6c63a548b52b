import { Body, HttpCode, Inject, Optional, Post, Req, Res, UseGuards } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import type { AuthPolicy } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { Public } from '../decorators/access.decorators.js';
import { CurrentUser, type AuthUser } from '../decorators/current-user.decorator.js';
import { NoSliding } from '../decorators/sliding-session.decorator.js';
import { JwtAuthGuard } from '../guards/jwt-auth.guard.js';
import { SessionEndings } from '../sessions/session-endings.js';
import { SessionService } from '../sessions/session.service.js';
import { SubjectRevoker } from '../sessions/subject-revoker.js';
import { LegacyTokens } from '../legacy/legacy-tokens.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import { hasKeyturnType } from '../tokens/foreign-token.js';
import { undefinedIfRefused } from '../tokens/undefined-if-refused.js';
import { RefreshTokens } from '../tokens/refresh-token.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { requestInfoOf } from '../transport/request-info.js';
import { RouteAnswers } from '../transport/route-answers.js';
import { TokenCookies } from '../transport/token-cookies.js';
import { extractBearer } from '../transport/token-extractor.js';
import { refreshTokenBody } from './refresh-token-body.js';

interface NamedSession {
  readonly sub: string;
  readonly sid: string;
}

/** Ends the session that asks, or everything of its user. In every strategy. */
@NoSliding()
export class LogoutController {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(SessionEndings) private readonly endings: SessionEndings,
    @Inject(AccessTokenService) private readonly accessTokens: AccessTokenService,
    @Inject(RefreshTokens) private readonly refreshTokens: RefreshTokens,
    @Inject(TokenCookies) private readonly cookies: TokenCookies,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(LegacyTokens) private readonly legacy: LegacyTokens,
    @Inject(RouteAnswers) private readonly answers: RouteAnswers,
    @Optional() @Inject(SubjectRevoker) private readonly revoker?: SubjectRevoker,
  ) {}

  @UseGuards(JwtAuthGuard)
  @Post('logout-all')
  @HttpCode(204)
  logoutAll(@CurrentUser() user: AuthUser, @Req() request: IncomingRequest, @Res() response: object): Promise<void> {
    return this.answers.send(response, async () => {
      await this.endAll(user, request);
      if (extractBearer(request) === undefined) this.cookies.clear(response);
    });
  }

  /**
   * Ends the session of a token that we signed, spent or expired as it may be; a logout must not fail because it comes
   * late. The token in the body counts before the bearer, and cookies where there is neither: of these every session
   * ends that they name, since a user who logs out wants none of them. None, or one that is not ours, changes nothing.
   */
  @Public()
  @Post('logout')
  @HttpCode(204)
  logout(@Body() body: unknown, @Req() request: IncomingRequest, @Res() response: object): Promise<void> {
    return this.answers.send(response, () => this.endCaller(body, request, response));
  }

  private async endCaller(body: unknown, request: IncomingRequest, response: object): Promise<void> {
    const [given, bearer] = [refreshTokenBody(body).refresh_token, extractBearer(request)];
    if (given !== undefined || bearer !== undefined) {
      // They name no session that the other one is of, so each is ended.
      for (const token of [given, bearer]) {
        if (token !== undefined && !hasKeyturnType(token)) await this.legacy.end(token, requestInfoOf(request));
      }
      return this.end(given !== undefined ? this.byRefreshToken(given) : this.byAccessToken(bearer), request);
    }
    const named = this.cookies.sessionsToEnd(request);
    if (!named) return;
    await Promise.all(named.map((session) => this.end(session, request)));
    this.cookies.clear(response);
  }

  private async end(session: NamedSession | undefined, request: IncomingRequest): Promise<void> {
    if (session) await this.sessions.revoke(session.sub, session.sid, { ...requestInfoOf(request), cause: 'logout' });
  }

  private async endAll({ sub, sid }: AuthUser, request: IncomingRequest): Promise<void> {
    const info = { ...requestInfoOf(request), cause: 'logout_everywhere' } as const;
    if (this.revoker) return this.revoker.revokeAll(sub, info);
    // Noted in the store alone, a generation above the host's own would refuse every login to come.
    if (this.policy.loadSubject) return this.endings.endAll(sub, 'session_revoked', info, sid);
    return this.sessions.revokeAll(sub, undefined, info);
  }

  private byRefreshToken(token: string | undefined): NamedSession | undefined {
    return token === undefined
      ? undefined
      : undefinedIfRefused(() => this.refreshTokens.readSigned(token, this.clock.now()));
  }

  private byAccessToken(token: string | undefined): NamedSession | undefined {
    return token === undefined ? undefined : undefinedIfRefused(() => this.accessTokens.readSigned(token));
  }
}
