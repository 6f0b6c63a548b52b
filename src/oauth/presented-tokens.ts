import { Inject, Injectable } from '@nestjs/common';
import type { JwtService } from '@nestjs/jwt';
import { AuthClock } from '../auth.clock.js';
import { AUTH_POLICY, KEYTURN_JWT } from '../auth.constants.js';
import type { AuthPolicy } from '../options/options.js';
import { AccessTokenVerifier } from '../tokens/access-token.verifier.js';
import type { AccessTokenClaims, RefreshTokenClaims } from '../tokens/claims-rules.js';
import { KeyRing } from '../tokens/key-ring.js';
import { undefinedIfRefused } from '../tokens/undefined-if-refused.js';
import { RefreshTokens } from '../tokens/refresh-token.js';

/** Tokens that are talked about, and are not credentials: of either kind, recognized by their `typ`. */
@Injectable()
export class PresentedTokens {
  private readonly accessTokens: AccessTokenVerifier;

  constructor(
    @Inject(AUTH_POLICY) { issuer, clockTolerance }: AuthPolicy,
    @Inject(KeyRing) keys: KeyRing,
    @Inject(KEYTURN_JWT) jwt: JwtService,
    @Inject(RefreshTokens) private readonly refreshTokens: RefreshTokens,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {
    // A client may have audiences of its own, of which the issuer's guard accepts none.
    this.accessTokens = new AccessTokenVerifier({ issuer, clockTolerance, audience: 'any' }, keys, jwt, clock);
  }

  /** The claims of a token that we signed, whatever its times say; undefined for any other text. */
  signedByUs(token: string): AccessTokenClaims | RefreshTokenClaims | undefined {
    return this.refreshToken(token) ?? undefinedIfRefused(() => this.accessTokens.readSigned(token));
  }

  /** The claims of a refresh token that we signed. */
  refreshToken(token: string): RefreshTokenClaims | undefined {
    return undefinedIfRefused(() => this.refreshTokens.readSigned(token, this.clock.now()));
  }

  /** The claims of an access token that is good at this moment, revocations aside. */
  goodAccessToken(token: string): AccessTokenClaims | undefined {
    return undefinedIfRefused(() => this.accessTokens.verify(token));
  }
}
