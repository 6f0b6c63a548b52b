import { isMachine, type AccessTokenClaims } from '../tokens/claims-rules.js';
import { isLegacy } from '../tokens/legacy-claims.js';
import { legacySubject } from './legacy-names.js';
import { machineSubject } from './machine-subject.js';
import type { RevocableToken } from './revocation-list.js';

/**
 * Under which name a token can be revoked: a user's `sub`, or the name that a client has for its own tokens. A token of
 * the former login dies with the tokens of its user, and with all that are as old.
 */
export function revocableOf(claims: AccessTokenClaims): RevocableToken {
  if (isMachine(claims)) return { ...claims, sub: machineSubject(claims.client_id) };
  return isLegacy(claims) ? { ...claims, act: { sub: legacySubject(claims.sub), gen: issuedAfter(claims) } } : claims;
}

/** As a generation: the time until which all were ended must be after it. Milliseconds. */
const issuedAfter = ({ iat }: AccessTokenClaims): number => iat * 1000;
