import { isMachine, type AccessTokenClaims } from '../tokens/claims-rules.js';
import { machineSubject } from './machine-subject.js';
import type { RevocableToken } from './revocation-list.js';

/** Under which name a token can be revoked: a user's `sub`, or the name that a client has for its own tokens. */
export const revocableOf = (claims: AccessTokenClaims): RevocableToken =>
  isMachine(claims) ? { ...claims, sub: machineSubject(claims.client_id) } : claims;
