import type { JwtService } from '@nestjs/jwt';
import type { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import { checkAccessClaims, checkTimes, deepFreeze, type AccessTokenClaims, type ClaimsRules } from './claims-rules.js';
import { checkForm, invalidToken, MAX_TOKEN_BYTES, type TokenHeader } from './token-form.js';
import { foreignToken, hasKeyturnType } from './foreign-token.js';
import type { VerificationKey, VerificationKeys } from './verification-keys.js';

/**
 * The one set of rules for access tokens (RFC 9068 section 4, RFC 8725), by the keys it is given: those of who signs, or
 * those that another service publishes. The guard's Passport strategy asks it for keys and for claims; who has a token
 * without a request calls {@link verify}.
 */
export class AccessTokenVerifier {
  constructor(
    /** Issuer, audience and clock tolerance that a token must fit. */
    protected readonly rules: ClaimsRules,
    private readonly verificationKeys: VerificationKeys,
    private readonly jwt: JwtService,
    /** The clock that times are compared with. */
    protected readonly clock: AuthClock,
  ) {}

  /**
   * Verifies an access token: form, key, signature, claims, times. Fetches no key: see {@link keyOf}.
   * @throws AuthError `token_invalid`, `token_expired`, `token_not_yet_valid`
   */
  verify(token: string): AccessTokenClaims {
    return this.inTime(this.readSigned(token));
  }

  /**
   * The claims of a token that we signed, expired or not: for a logout, which is right with an old token too.
   * @throws AuthError `token_invalid`
   */
  readSigned(token: string): AccessTokenClaims {
    const { kid, alg } = this.headerOf(token);
    return this.readBy(token, this.keyNamed(kid, alg));
  }

  /** The claims of a token under the signature of a key, whatever its times say. */
  protected readBy(token: string, { alg, verificationKey }: VerificationKey): AccessTokenClaims {
    let payload: unknown;
    try {
      payload = this.jwt.verify(token, {
        // Taken as a KeyObject, though typed without it; a PEM string would be parsed on every call.
        publicKey: verificationKey as unknown as Buffer,
        algorithms: [alg],
        ignoreExpiration: true,
        ignoreNotBefore: true,
      });
    } catch (cause) {
      throw new AuthError('token_invalid', 'The token has a wrong signature.', { cause });
    }
    return this.acceptSigned(payload);
  }

  /**
   * The key that a token of good form names; its signature is not checked here. A promise where keys are fetched, and
   * this one is not known yet.
   * @throws AuthError `token_invalid`; `temporarily_unavailable` while the keys cannot be fetched
   */
  keyOf(token: string): VerificationKey | Promise<VerificationKey> {
    const { kid, alg } = this.headerOf(token);
    const settled = this.verificationKeys.settle?.(kid, alg);
    return settled ? settled.then(() => this.keyNamed(kid, alg)) : this.keyNamed(kid, alg);
  }

  /**
   * The claims of a payload whose signature holds; frozen, since a cache hands the same object to many requests.
   * @throws AuthError for claims or times that do not hold
   */
  accept(payload: unknown): AccessTokenClaims {
    return this.inTime(this.acceptSigned(payload));
  }

  private acceptSigned(payload: unknown): AccessTokenClaims {
    return deepFreeze(checkAccessClaims(payload, this.rules));
  }

  private inTime(claims: AccessTokenClaims): AccessTokenClaims {
    checkTimes(claims, this.clock.now(), this.rules.clockTolerance);
    return claims;
  }

  private headerOf(token: string): TokenHeader {
    try {
      return checkForm(token);
    } catch (error) {
      // Asked only now: to read the header once more takes as long as all the rest.
      throw token.length <= MAX_TOKEN_BYTES && !hasKeyturnType(token) ? foreignToken(token, this.rules.issuer) : error;
    }
  }

  private keyNamed(kid: string, alg: string): VerificationKey {
    const now = this.clock.now();
    const key = this.verificationKeys.verifying('access', kid, alg, now);
    if (key) return key;
    // A key that leaked is retired at once: its honest bearers are to refresh, not to log in.
    if (this.verificationKeys.isRetired?.('access', kid, alg, now)) {
      throw new AuthError('token_expired', "The token's key is retired.");
    }
    throw invalidToken('is signed with an unknown key');
  }
}
