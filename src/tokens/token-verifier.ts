import type { AccessTokenClaims } from './claims-rules.js';

/** What stands behind the guard, which asks it for each token that it has not seen before. */
export abstract class TokenVerifier {
  /**
   * The claims of a token whose form, key, signature and claims hold.
   * @throws AuthError `token_invalid`; times are not looked at
   */
  abstract verify(token: string): AccessTokenClaims | Promise<AccessTokenClaims>;
}
