import type { AccessTokenClaims } from './claims-rules.js';

// `Symbol.for`, since the ESM and the CommonJS copy of the library may both be loaded in one process.
const LEGACY = Symbol.for('keyturn:legacy-claims');

/** Marks claims as those of a token that another login has issued. Not a claim: no token can say so of itself. */
export const markLegacy = (claims: AccessTokenClaims): AccessTokenClaims =>
  Object.defineProperty(claims, LEGACY, { value: true });

/**
 * Whether a caller came with an access token of the former login, see the option `legacy`. There is no session behind it
 * that `SessionService.reissue()` or `setClaims()` could change: open one.
 *
 * @example
 * ```ts
 * const grant = isLegacy(user) ? await sessions.open({ sub: user.sub }) : await sessions.reissue(user);
 * ```
 */
export const isLegacy = (claims: object): boolean => LEGACY in claims;
