import { hash } from 'node:crypto';
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { AccessTokenVerifier, LegacyTokens, Public, requestInfoOf, SessionService } from 'keyturn';
import type { AuthUser, IncomingRequest } from 'keyturn';
import { FormerAuthService } from './former-auth.service.js';

/** The way back: who comes with a token of Keyturn gets tokens of the former login. `share` is 0. */
@Public()
@Controller('former')
export class WayBackController {
  constructor(
    private readonly former: FormerAuthService,
    private readonly tokens: LegacyTokens,
    private readonly verifier: AccessTokenVerifier,
    private readonly sessions: SessionService,
  ) {}

  @Post('refresh')
  @HttpCode(200)
  async refresh(@Body('refreshToken') token: string, @Req() request: IncomingRequest) {
    // The successor is not handed out, so a lost answer can be asked for again, for as long as `attemptTtl`.
    const idempotencyKey = hash('sha256', token, 'base64url');
    const grant = await this.tokens.refresh(token, { idempotencyKey, ...requestInfoOf(request) });
    if (!grant) return this.former.refresh(token);
    const { sub, roles } = this.verifier.verify(grant.accessToken) as AuthUser<{ roles: string[] }>;
    return this.former.login({ id: Number(sub), roles });
  }

  @Post('logout')
  @HttpCode(204)
  async logout(@Body('refreshToken') token: string, @Req() request: IncomingRequest) {
    await this.tokens.end(token, requestInfoOf(request));
    // The session that this login came from is named by no token any more: all of the user's end.
    const { sub } = this.former.jwt.decode<{ sub: number | string }>(token);
    await this.sessions.revokeAll(String(sub), undefined, requestInfoOf(request));
  }
}
