import type { AuthClock } from '../auth.clock.js';
import type { AccessTokenService } from '../tokens/access-token.service.js';
import type { AccessTokenClaims, RefreshTokenClaims } from '../tokens/claims-rules.js';
import { undefinedIfRefused } from '../tokens/undefined-if-refused.js';
import type { RefreshTokens } from '../tokens/refresh-token.js';

/** A session that a cookie names under our signature. */
export type CookieSession = Pick<AccessTokenClaims, 'sub' | 'sid' | 'client_id'>;

interface Signed<Claims> {
  readonly token: string;
  readonly claims: Claims;
}

/** The values of our cookies in one request. */
export interface CookieValues {
  readonly access: readonly string[];
  readonly refresh: readonly string[];
  /** Undefined where there is no such cookie, since the access cookie does its work. */
  readonly companion: readonly string[] | undefined;
}

/**
 * Tells which cookies of a request count. A sibling host can set a refresh cookie of a session of its own, which verifies
 * like any other: so verification proves nothing about who has set it. A cookie that only this host can set does
 * (`__Host-`): the access cookie, or its companion where the access cookie is for a whole domain.
 */
export class CookieEvidence {
  constructor(
    private readonly refreshTokens: RefreshTokens,
    private readonly accessTokens: AccessTokenService,
    private readonly clock: AuthClock,
  ) {}

  /** The refresh token whose session another cookie of this host names as well; of several the latest. */
  refreshToken({ access, refresh, companion }: CookieValues): Signed<RefreshTokenClaims> | undefined {
    return this.signedRefresh(refresh).find(({ claims }) =>
      companion
        ? companion.some((text) => this.refreshTokens.companionSid(text, this.clock.now()) === claims.sid)
        : access.some((token) => isOfSession(this.nameIn(token), claims)),
    );
  }

  /** Of several access tokens the one whose session another cookie names as well, else the latest of ours, else any. */
  accessToken(values: CookieValues): string | undefined {
    const { access } = values;
    if (access.length < 2) return access[0];
    const signed = this.signedAccess(access);
    const named = this.namedBeside(values);
    return (signed.find(({ claims }) => named.has(claims.sid)) ?? signed[0])?.token ?? access[0];
  }

  /** The session that the cookies are of, for a login that replaces them. */
  session(values: CookieValues): CookieSession | undefined {
    const refresh = this.refreshToken(values);
    if (refresh) return refresh.claims;
    // Where the refresh cookie does not come along, or there is none.
    const named = new Set(values.companion && this.namedBeside(values));
    return values.access
      .map((token) => this.nameIn(token))
      .find((session) => session !== undefined && (named.size === 0 || named.has(session.sid)));
  }

  /** Every session that is named by a token of ours, no matter who has set its cookie. */
  sessions({ access, refresh }: CookieValues): readonly CookieSession[] {
    const named = [...this.signedRefresh(refresh), ...this.signedAccess(access)].map(({ claims }) => claims);
    return [...new Map(named.map((claims) => [`${claims.sid} ${claims.sub}`, claims])).values()];
  }

  /** What an access cookie names; by a retired key too, since it is no credential here. */
  nameIn(token: string): CookieSession | undefined {
    return undefinedIfRefused(() => this.accessTokens.readOnceSigned(token));
  }

  private namedBeside({ refresh, companion }: CookieValues): ReadonlySet<string | undefined> {
    const now = this.clock.now();
    return new Set(
      companion
        ? companion.map((text) => this.refreshTokens.companionSid(text, now))
        : this.signedRefresh(refresh).map(({ claims }) => claims.sid),
    );
  }

  private signedRefresh(tokens: readonly string[]): Signed<RefreshTokenClaims>[] {
    const now = this.clock.now();
    return signedAmong(tokens, (token) => this.refreshTokens.readSigned(token, now)).sort(
      (a, b) => b.claims.iat - a.claims.iat || b.claims.seq - a.claims.seq,
    );
  }

  private signedAccess(tokens: readonly string[]): Signed<AccessTokenClaims>[] {
    return signedAmong(tokens, (token) => this.accessTokens.readSigned(token)).sort(
      (a, b) => b.claims.iat - a.claims.iat,
    );
  }
}

const isOfSession = (one: CookieSession | undefined, other: CookieSession): boolean =>
  one !== undefined && one.sid === other.sid && one.sub === other.sub;

function signedAmong<Claims>(tokens: readonly string[], read: (token: string) => Claims): Signed<Claims>[] {
  return tokens.flatMap((token) => {
    const claims = undefinedIfRefused(() => read(token));
    return claims === undefined ? [] : [{ token, claims }];
  });
}
