import { Inject, Injectable } from '@nestjs/common';
import { clientPolicy, type AuthPolicy, type ClientPolicy } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { AccessTokenService } from '../tokens/access-token.service.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { RefreshTokens } from '../tokens/refresh-token.js';
import { idleTtlOf, type HostClaims, type SessionRecord, type SessionTransport } from './session.js';
import { tokenClaims } from './session-claims.js';
import { renewAfterSeconds } from './sliding.js';

/** The tokens a client is given. Lives are seconds from now. */
export interface TokenGrant {
  /** The access token, a JWT after RFC 9068. */
  readonly accessToken: string;
  /** Seconds from now until the access token expires. */
  readonly expiresIn: number;
  /** Absent where the access token cannot be renewed. */
  readonly renewAfter?: number;
  /** Good for one refresh; absent in strategies without refresh tokens. */
  readonly refreshToken?: string;
  /** To the session's idle end. */
  readonly refreshTokenExpiresIn?: number;
  /** To the session's absolute end; absent for tokens that an earlier release made. */
  readonly sessionExpiresIn?: number;
  /** The session, the claim `sid`. */
  readonly sessionId: string;
  /** The client that the tokens are for. */
  readonly clientId: string;
  /** Whether the tokens travel in bodies or in cookies. */
  readonly transport: SessionTransport;
  /** Whether its cookies outlive the browser. */
  readonly persistent?: boolean;
  /** Set by a login alone: cookies of a new session must not be handed to a foreign page. */
  readonly opened?: true;
}

/** Claims of a subject and when (milliseconds) they were read. */
export interface ReadClaims {
  readonly claims: HostClaims;
  readonly readAt: number;
  /** Those of the session that the host saw when it was asked, in place of those in the record. */
  readonly sessionClaims?: HostClaims;
}

/** Claims with no more scopes than were asked for (RFC 6749 section 6); all of them where none was. */
export function narrowedTo(asked: readonly string[] | undefined, read: ReadClaims): ReadClaims {
  const { scope } = read.claims;
  if (!asked || typeof scope !== 'string') return read;
  const kept = scope.split(' ').filter((name) => asked.includes(name));
  return { ...read, claims: { ...read.claims, scope: kept.join(' ') } };
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** Makes the tokens that follow from a session's record. CPU work only: it runs after the store's step, and must not fail. */
@Injectable()
export class TokenGrants {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(AccessTokenService) private readonly accessTokens: AccessTokenService,
    @Inject(RefreshTokens) private readonly refreshTokens: RefreshTokens,
  ) {}

  /**
   * What a token of the session says, and since when.
   * @param subject what the host said; null: the record has the claims
   */
  claimsOf(record: SessionRecord, subject: ReadClaims | null): ReadClaims {
    const { claims, readAt } = subject ?? { claims: record.subjectClaims ?? {}, readAt: record.claimsAt };
    const own = subject?.sessionClaims ?? record.sessionClaims;
    return { claims: tokenClaims(claims, own, this.policy.subjectOnly), readAt, sessionClaims: {} };
  }

  /**
   * @param subject what the host said; null: the record has the claims
   * @param now the store's time of the step that allowed the tokens, milliseconds
   */
  ofRecord(record: SessionRecord, sec: string, subject: ReadClaims | null, now: number): TokenGrant {
    const access = this.accessOf(record, subject, now);
    if (!this.policy.keepsSessions) return access;
    // The spread is last: members behind one that begins an object give it a shape of its own, 2 µs and work for the
    // garbage collector.
    return {
      refreshToken: this.refreshTokens.sign(record, sec, now),
      refreshTokenExpiresIn: Math.max(0, record.idleEnd / 1000 - seconds(now)),
      ...access,
    };
  }

  /** An access token alone. */
  accessOf(record: SessionRecord, subject: ReadClaims | null, now: number): TokenGrant {
    const { claims, readAt } = this.claimsOf(record, subject);
    const client = clientPolicy(this.policy, record.clientId);
    const issuedAt = seconds(now);
    const expiresAt = seconds(Math.min(now + client.accessTtl, record.absoluteEnd));
    const renewUntil = this.renewUntil(record, client);
    const accessToken = this.accessTokens.issue({
      sub: record.sub,
      sid: record.sid,
      clientId: record.clientId,
      authTime: record.authTime,
      amr: record.amr,
      acr: record.acr,
      act: record.act,
      generation: record.generation,
      claimsAt: readAt,
      claims,
      issuedAt,
      expiresAt,
      renewUntil,
      sessionEnd: record.absoluteEnd / 1000,
      persistent: record.persistent,
    });
    return {
      accessToken,
      ...this.lives({ iat: issuedAt, exp: expiresAt, renew_until: renewUntil }),
      sessionExpiresIn: Math.max(0, record.absoluteEnd / 1000 - issuedAt),
      sessionId: record.sid,
      clientId: record.clientId,
      transport: record.transport,
      persistent: record.persistent,
    };
  }

  /** The same access token with a later end, and no refresh token. Whole seconds. */
  renewed(claims: AccessTokenClaims, issuedAt: number, expiresAt: number): TokenGrant {
    return {
      accessToken: this.accessTokens.reissue(claims, issuedAt, expiresAt),
      ...this.lives({ iat: issuedAt, exp: expiresAt, renew_until: claims.renew_until }),
      ...(claims.session_exp !== undefined && { sessionExpiresIn: Math.max(0, claims.session_exp - issuedAt) }),
      sessionId: claims.sid,
      clientId: claims.client_id,
      transport: clientPolicy(this.policy, claims.client_id).transport,
      persistent: claims.persistent !== false,
    };
  }

  /** Whole seconds. A refresh is asked for now and then, so that a stolen access token does not become a session. */
  private renewUntil(record: SessionRecord, { idleTtl }: ClientPolicy): number | undefined {
    const { keepsSessions, renews, sliding } = this.policy;
    if (!renews) return undefined;
    const limit = keepsSessions
      ? record.rotatedAt + Math.min(sliding.slideLimit, idleTtlOf(record, idleTtl))
      : Infinity;
    return seconds(Math.min(limit, record.absoluteEnd));
  }

  private lives(claims: {
    iat: number;
    exp: number;
    renew_until?: number;
  }): Pick<TokenGrant, 'expiresIn' | 'renewAfter'> {
    const renewable = claims.renew_until !== undefined && claims.exp < claims.renew_until;
    return {
      expiresIn: claims.exp - claims.iat,
      ...(renewable && { renewAfter: renewAfterSeconds(claims, this.policy.sliding.renewAfter) }),
    };
  }
}
