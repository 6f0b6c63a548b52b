import type { AccessTokenClaims } from '../tokens/claims-rules.js';

/** Notes on a message's carrier who sent it. `user` is where Nest and passport put it, so other guards find it. */
export function setUser(carrier: object, user: AccessTokenClaims): void {
  (carrier as { user?: AccessTokenClaims }).user = user;
}

export function userOf(carrier: object): AccessTokenClaims | undefined {
  return (carrier as { user?: AccessTokenClaims }).user;
}
