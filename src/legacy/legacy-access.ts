import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { AuthConfigError } from '../auth.errors.js';
import type { LegacyToken, ReadLegacyToken } from '../options/legacy-options.js';
import { clientPolicy, type AuthPolicy } from '../options/options.js';
import { legacySid } from '../revocation/legacy-names.js';
import { Revocations } from '../revocation/revocations.js';
import { revokedToken, sessionOver } from '../sessions/session-errors.js';
import { TokenRepository } from '../sessions/token.repository.js';
import { checkHostClaims } from '../tokens/host-claims.js';
import { deepFreeze, type AccessTokenClaims } from '../tokens/claims-rules.js';
import { MAX_TOKEN_BYTES } from '../tokens/token-form.js';
import { hasKeyturnType } from '../tokens/foreign-token.js';
import { markLegacy } from '../tokens/legacy-claims.js';
import { LegacyMarks } from './legacy-marks.js';
import { readLegacyToken } from './read-legacy-token.js';

const OPTION = 'legacy.accessTokens.verify';

/** Access tokens of the former login. They name no session, so the store is asked for each: the feed forgets too soon. */
@Injectable()
export class LegacyAccessTokens {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    /** Null where the strategy keeps no sessions. */
    @Inject(TokenRepository) private readonly repository: TokenRepository | null,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(LegacyMarks) private readonly marks: LegacyMarks,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {}

  /** Whether what it lets pass was asked of the store. */
  get asksStore(): boolean {
    return this.repository !== null;
  }

  /**
   * The claims of a token of the former login, as those of one of ours would be; null where it is none. Undefined, at
   * once, where no such token counts, or this one says that it is ours.
   * @throws AuthError why it is refused, `store_unavailable`
   */
  claimsOf(token: string): Promise<AccessTokenClaims | null> | undefined {
    const { verify, until } = this.policy.legacy.accessTokens;
    if (!verify || this.clock.now() >= until! || token.length > MAX_TOKEN_BYTES || hasKeyturnType(token))
      return undefined;
    return this.verified(token, verify, until!);
  }

  private async verified(token: string, verify: ReadLegacyToken, until: number): Promise<AccessTokenClaims | null> {
    const said = await readLegacyToken(verify, token, OPTION);
    if (!said) return null;
    const [session, isUsed, areEnded] = await Promise.all([
      this.repository?.find(said.sub, legacySid(token)),
      this.marks.isUsed(token),
      this.marks.areEnded(said),
    ]);
    const generation = session?.generation ?? this.revocations.generationOf(said.sub);
    const claims = this.asClaims(token, said, { generation, until });
    if (session?.ended) throw sessionOver(session.ended);
    if (isUsed || areEnded || generation > claims.gen) throw sessionOver('session_revoked');
    if (session && session.claimsChangedAt >= claims.claims_at) throw revokedToken('claims_outdated');
    return claims;
  }

  private asClaims(
    token: string,
    said: LegacyToken,
    known: { readonly generation: number; readonly until: number },
  ): AccessTokenClaims {
    const { issuer, audience, claimsLimit } = this.policy;
    const { issuedAt = 0, claims = {} } = said;
    checkHostClaims(claims, claimsLimit, OPTION);
    const sid = legacySid(token);
    const registered = {
      iss: issuer,
      aud: audience.length === 1 ? audience[0]! : audience,
      sub: said.sub,
      client_id: said.clientId ?? 'default',
      iat: issuedAt,
      exp: this.endOf(said, known.until),
      jti: sid,
      sid,
      auth_time: said.authTime ?? 0,
      ...(said.amr && { amr: said.amr }),
      gen: said.generation ?? known.generation,
      claims_at: issuedAt * 1000,
    };
    return deepFreeze(markLegacy(Object.assign({}, claims, registered)));
  }

  /** Whole seconds. Where only the feed tells of ends, a token is over before the feed forgets. */
  private endOf({ expiresAt = Infinity, issuedAt, clientId = 'default' }: LegacyToken, until: number): number {
    const end = Math.min(expiresAt, Math.floor(until / 1000));
    if (this.repository) return end;
    if (issuedAt !== undefined) return Math.min(end, issuedAt + clientPolicy(this.policy, clientId).accessTtl / 1000);
    throw AuthConfigError.of(OPTION, `must give issuedAt: strategy '${this.policy.strategy}' keeps no sessions`);
  }
}
