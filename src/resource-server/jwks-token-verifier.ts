import type { AccessTokenVerifier } from '../tokens/access-token.service.js';
import { checkForm, invalidToken, type AccessTokenClaims } from '../tokens/claims-rules.js';
import type { JwksClient } from './jwks-client.js';
import { TokenVerifier } from '../tokens/token-verifier.js';

/** What a public key verifies. Anything else is refused before its key is asked for. */
const ALGORITHMS = ['ES256', 'RS256', 'PS256'];

/** Verifies by public keys, which it may have to wait for when it first meets one. */
export class JwksTokenVerifier extends TokenVerifier {
  /** @param client what fetches keys; null where they are given and stay */
  constructor(
    private readonly tokens: AccessTokenVerifier,
    private readonly client: JwksClient | null,
  ) {
    super();
  }

  /** @throws AuthError `token_invalid`; `temporarily_unavailable` while the keys cannot be had */
  async verify(token: string): Promise<AccessTokenClaims> {
    const { kid, alg } = checkForm(token, 'at+jwt');
    if (!ALGORITHMS.includes(alg)) throw invalidToken('is signed with an unknown key');
    await this.client?.settle(kid);
    return this.tokens.verifySignature(token);
  }
}
