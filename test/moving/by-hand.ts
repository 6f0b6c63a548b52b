import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LegacyTokens, Public, requestInfoOf } from 'keyturn';
import type { AuthModuleOptions, IncomingRequest, LegacyToken } from 'keyturn';
import { FormerAuthService } from './former-auth.service.js';

interface FormerClaims {
  sub: number;
  roles: string[];
  iat: number;
  exp: number;
}

const jwt = new JwtService();

/** What verifies the old tokens. What `verifyAsync()` throws for a bad one is answered 401. */
const read =
  (secret: string) =>
  async (token: string): Promise<LegacyToken> => {
    const { sub, roles, iat, exp } = await jwt.verifyAsync<FormerClaims>(token, { secret });
    return { sub: String(sub), claims: { roles }, issuedAt: iat, expiresAt: exp };
  };

/** The option `legacy` of `AuthModule`. */
export const formerLogin = (secrets: { access: string; refresh: string }, share = 1): AuthModuleOptions['legacy'] => ({
  accessTokens: { verify: read(secrets.access), until: '2099-01-01T00:00:00Z' },
  refreshTokens: { redeem: read(secrets.refresh), share, until: '2099-01-01T00:00:00Z' },
});

/** The routes that your clients know. Their bodies and answers stay as they are. */
@Public()
@Controller('former')
export class FormerController {
  constructor(
    private readonly former: FormerAuthService,
    private readonly tokens: LegacyTokens,
  ) {}

  @Post('refresh')
  @HttpCode(200)
  async refresh(@Body('refreshToken') token: string, @Req() request: IncomingRequest) {
    const grant = await this.tokens.refresh(token, requestInfoOf(request));
    if (!grant) return this.former.refresh(token);
    return { accessToken: grant.accessToken, refreshToken: grant.refreshToken };
  }

  @Post('logout')
  @HttpCode(204)
  async logout(@Body('refreshToken') token: string, @Req() request: IncomingRequest) {
    await this.tokens.end(token, requestInfoOf(request));
  }
}
