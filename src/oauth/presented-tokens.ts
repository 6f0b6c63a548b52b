import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import type { AccessTokenClaims, RefreshTokenClaims } from '../tokens/claims-rules.js';
import { ours } from '../tokens/ours.js';
import { RefreshTokens } from '../tokens/refresh-token.js';

/** Tokens that are talked about, and are not credentials: of either kind, recognized by their `typ`. */
@Injectable()
export class PresentedTokens {
  constructor(
    @Inject(AccessTokenService) private readonly accessTokens: AccessTokenService,
    @Inject(RefreshTokens) private readonly refreshTokens: RefreshTokens,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {}

  /** The claims of a token that we signed, whatever its times say; undefined for any other text. */
  signedByUs(token: string): AccessTokenClaims | RefreshTokenClaims | undefined {
    return this.refreshToken(token) ?? ours(() => this.accessTokens.readSigned(token));
  }

  /** The claims of a refresh token that we signed. */
  refreshToken(token: string): RefreshTokenClaims | undefined {
    return ours(() => this.refreshTokens.readSigned(token, this.clock.now()));
  }

  /** The claims of an access token that is good at this moment, revocations aside. */
  goodAccessToken(token: string): AccessTokenClaims | undefined {
    return ours(() => this.accessTokens.verify(token));
  }
}
