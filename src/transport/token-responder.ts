import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { TokenGrant } from '../sessions/token-grant.js';

/** Carries a renewed access token beside an answer that is about something else. */
export const RENEWED_TOKEN_HEADER = 'Renewed-Access-Token';

/** The token answer of the HTTP contract (RFC 6749 section 5.1). Times in seconds from now. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly renew_after?: number;
  readonly refresh_token?: string;
  readonly refresh_token_expires_in?: number;
  readonly session_id: string;
}

/**
 * Hands tokens to the client, in the way its client is configured.
 *
 * @example
 * ```ts
 * @Public()
 * @Post('login')
 * async login(@Body() body: LoginBody, @Res({ passthrough: true }) response: object) {
 *   const user = await this.users.check(body);
 *   return this.responder.respond(response, await this.sessions.open({ sub: user.id }));
 * }
 * ```
 */
@Injectable()
export class TokenResponder {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  /** @param response the platform's response, by `@Res({ passthrough: true })` */
  respond(response: object, grant: TokenGrant): TokenAnswer {
    this.host.httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    return {
      access_token: grant.accessToken,
      token_type: 'Bearer',
      expires_in: grant.expiresIn,
      ...(grant.renewAfter !== undefined && { renew_after: grant.renewAfter }),
      ...(grant.refreshToken !== undefined && {
        refresh_token: grant.refreshToken,
        refresh_token_expires_in: grant.refreshTokenExpiresIn,
      }),
      session_id: grant.sessionId,
    };
  }

  /** Adds a renewed access token to an answer that is about something else. */
  attach(response: object, grant: Pick<TokenGrant, 'accessToken' | 'expiresIn'>): void {
    const { httpAdapter } = this.host;
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    httpAdapter.setHeader(response, RENEWED_TOKEN_HEADER, grant.accessToken);
    httpAdapter.setHeader(response, `${RENEWED_TOKEN_HEADER}-Expires-In`, String(grant.expiresIn));
  }
}
