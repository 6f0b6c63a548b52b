import { AuthConfigError } from '../auth.errors.js';
import type { GivenClaims } from '../auth.claims.js';
import { callback, number, special } from './option-kinds.js';
import { parseRfc3339 } from './rfc3339.js';

/** What a token of the former login says, once the host has checked it. Times in whole seconds. */
export interface LegacyToken {
  /** The user: 1 to 255 characters, the same text as in `SessionService.open()`. */
  readonly sub: string;
  /**
   * When the token was issued (`iat`). A password change or a logout of all devices ends each token that was issued
   * before. Without it the token counts as older than all of these.
   */
  readonly issuedAt?: number | undefined;
  /** When the token is over (`exp`). Without it: at `until`. */
  readonly expiresAt?: number | undefined;
  /** When the user gave the password, if the token says so. Without it `@RequireRecentAuth()` asks for the password. */
  readonly authTime?: number | undefined;
  /** How the user logged in (RFC 8176), if it is known. */
  readonly amr?: readonly string[] | undefined;
  /** What the token says of the user, such as `{ roles }`: as old as `issuedAt`. In `redeem`, as in `open()`. */
  readonly claims?: GivenClaims | undefined;
  /** The kind of client. Default `default`. */
  readonly clientId?: string | undefined;
  /** With `loadSubject`: the generation of the user, read together with the check of the token. */
  readonly generation?: number | undefined;
}

/**
 * Checks a token of the former login, and changes nothing: it is asked again when an answer was lost.
 * @returns what the token says; null where it is none of the former login
 * @throws what the former login's JWT library throws for a bad token; anything else is answered 503
 */
export type ReadLegacyToken = (token: string) => Promise<LegacyToken | null> | LegacyToken | null;

const until = (what: string) =>
  special<string, number | undefined>({
    kind: 'time',
    range: 'RFC 3339, such as 2027-03-01T00:00:00Z',
    without: 'none',
    about: `From then on ${what} of the former login count no more`,
    check: (given, option) => {
      if (given === undefined) return undefined;
      const time = parseRfc3339(given);
      if (time !== undefined) return time;
      throw AuthConfigError.of(option, `is '${String(given)}'; write it after RFC 3339, such as 2027-03-01T00:00:00Z`);
    },
  });

/** Tokens of the login that the host had before: docs/moving-in.md. */
export const LEGACY_OPTIONS = {
  accessTokens: {
    /** Checks an access token of the former login. The guard lets its bearer in until the token is over. */
    verify: callback<ReadLegacyToken>({
      shape: '(token) => { sub, issuedAt, … } | null',
      without: 'access tokens of the former login are refused',
      about: 'Checks an access token of the former login; the guard then lets its bearer in',
    }),
    /** When the last of them is over. RFC 3339, such as `2027-03-01T00:00:00Z`. */
    until: until('access tokens'),
  },
  refreshTokens: {
    /** Checks a refresh token of the former login. It is redeemed once for a session of Keyturn. */
    redeem: callback<ReadLegacyToken>({
      shape: '(token) => { sub, issuedAt, … } | null',
      without: 'refresh tokens of the former login are refused',
      about: 'Checks a refresh token of the former login, which is redeemed once for a session',
    }),
    /**
     * The share of the users who are moved, 0 to 1, chosen by a hash of `sub`: the same users at each value, and more of
     * them at a higher one. Who was moved stays so when it is lowered. Default 1.
     */
    share: number({
      fallback: 1,
      min: 0,
      max: 1,
      about: 'The share of the users whose refresh tokens are redeemed; who was moved stays so when it is lowered',
    }),
    /** When the last of them is over. RFC 3339, such as `2027-03-01T00:00:00Z`. */
    until: until('refresh tokens'),
  },
};

interface Reader {
  readonly read: Function | undefined;
  readonly until: number | undefined;
}

/**
 * What is given belongs together: without an end, tokens of the former login would count for ever.
 * @throws AuthConfigError
 */
export function checkLegacy(
  legacy: {
    readonly accessTokens: { readonly verify?: Function | undefined; readonly until?: number | undefined };
    readonly refreshTokens: { readonly redeem?: Function | undefined; readonly until?: number | undefined };
  },
  keepsSessions: boolean,
): void {
  const { accessTokens, refreshTokens } = legacy;
  const readers: Readonly<Record<string, Reader & { readonly name: string }>> = {
    accessTokens: { name: 'verify', read: accessTokens.verify, until: accessTokens.until },
    refreshTokens: { name: 'redeem', read: refreshTokens.redeem, until: refreshTokens.until },
  };
  for (const [kind, { name, read, until: end }] of Object.entries(readers)) {
    if (read && end === undefined) {
      throw AuthConfigError.of(`legacy.${kind}.until`, 'must be given: the time at which the last old token is over');
    }
    if (!read && end !== undefined) {
      throw AuthConfigError.of(`legacy.${kind}.${name}`, 'must be given beside until: it checks the old tokens');
    }
  }
  if (refreshTokens.redeem && !keepsSessions) {
    throw AuthConfigError.of(
      'legacy.refreshTokens',
      "needs strategy 'refresh' or 'refresh-sliding', which keep sessions",
    );
  }
}
