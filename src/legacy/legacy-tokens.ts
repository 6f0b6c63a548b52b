import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { AuthConfigError, AuthError, type SessionEndReason } from '../auth.errors.js';
import type { RequestInfo } from '../events/request-info.js';
import type { LegacyToken, ReadLegacyToken } from '../options/legacy-options.js';
import type { AuthPolicy } from '../options/options.js';
import { legacySid } from '../revocation/legacy-names.js';
import { Logins } from '../sessions/logins.js';
import type { RefreshRequest } from '../sessions/refresh-request.js';
import { RefreshRotationService } from '../sessions/refresh-rotation.service.js';
import { keptIn, noSessionsKept, sessionOver } from '../sessions/session-errors.js';
import { SessionEndings } from '../sessions/session-endings.js';
import type { SessionRecord } from '../sessions/session.js';
import { SessionService } from '../sessions/session.service.js';
import type { TokenGrant } from '../sessions/token-grant.js';
import { TokenRepository } from '../sessions/token.repository.js';
import { UnsettledAttempts } from '../sessions/unsettled-attempts.js';
import { BEFORE_FIRST } from '../tokens/claims-rules.js';
import { MAX_TOKEN_BYTES, nameOfToken } from '../tokens/token-form.js';
import { undefinedIfRefused } from '../tokens/undefined-if-refused.js';
import { hasKeyturnType } from '../tokens/foreign-token.js';
import { hashAttempt, RefreshTokens } from '../tokens/refresh-token.js';
import { LegacyMarks } from './legacy-marks.js';
import { isInShare } from './legacy-share.js';
import { readLegacyToken } from './read-legacy-token.js';

const OPTION = 'legacy.refreshTokens.redeem';

/** The session that a refresh token of the former login is redeemed for, as far as it is known. */
interface Redeemed {
  readonly sid: string;
  readonly sec: string;
  readonly record: SessionRecord | null;
  readonly ended: SessionEndReason | null;
}

/** Refresh tokens of the former login: each is redeemed once for a session, see the option `legacy`. */
@Injectable()
export class LegacyTokens {
  private readonly unsettled = new UnsettledAttempts();

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    /** Null where the strategy keeps no sessions. */
    @Inject(TokenRepository) private readonly repository: TokenRepository | null,
    @Inject(RefreshTokens) private readonly refreshTokens: RefreshTokens,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(SessionEndings) private readonly endings: SessionEndings,
    @Inject(Logins) private readonly logins: Logins,
    @Inject(LegacyMarks) private readonly marks: LegacyMarks,
    @Inject(AuthClock) private readonly clock: AuthClock,
    /** Absent where the strategy keeps no sessions. */
    @Optional() @Inject(RefreshRotationService) private readonly rotation?: RefreshRotationService,
  ) {}

  /**
   * Exchanges a refresh token: one of Keyturn's as `RefreshRotationService.refresh()` does, one of the former login for a
   * session of its user. The same old token again gives the same tokens, within the grace time or with the same
   * `Idempotency-Key`; later it is a reuse like any other.
   *
   * @returns null for an old token of a user who is not moved yet: answer it by the former login
   * @throws AuthError `token_invalid`, `session_ended`, `session_revoked`, `token_reused`, `store_unavailable` and what
   * `SessionService.open()` throws
   * @throws AuthConfigError where the strategy keeps no sessions
   * @example
   * ```ts
   * const grant = await legacyTokens.refresh(body.refreshToken, requestInfoOf(request));
   * return grant ? { accessToken: grant.accessToken, refreshToken: grant.refreshToken } : this.formerRefresh(body);
   * ```
   */
  refresh(token: string, request: RefreshRequest = {}): Promise<TokenGrant | null> {
    const { redeem, until } = this.policy.legacy.refreshTokens;
    const isFormer = redeem && this.clock.now() < until! && token.length <= MAX_TOKEN_BYTES && !hasKeyturnType(token);
    return isFormer ? this.refreshFormer(redeem, token, request) : this.rotate(token, request);
  }

  /**
   * Logs out by a refresh token: one of Keyturn's ends its session. One of the former login, and an access token of it,
   * counts no more, and if it was redeemed, its session ends. What is none of these changes nothing.
   *
   * @throws AuthError `store_unavailable`: call it again, it may be repeated
   * @example
   * ```ts
   * await legacyTokens.end(body.refreshToken, requestInfoOf(request));
   * ```
   */
  async end(token: string, info: RequestInfo = {}): Promise<void> {
    if (token.length > MAX_TOKEN_BYTES) return;
    if (hasKeyturnType(token)) {
      const session = undefinedIfRefused(() => this.refreshTokens.readSigned(token, this.clock.now()));
      if (session) await this.sessions.revoke(session.sub, session.sid, { cause: 'logout', ...info });
      return;
    }
    const { accessTokens, refreshTokens } = this.policy.legacy;
    if (refreshTokens.redeem) {
      const said = await this.readAnyway(refreshTokens.redeem, token, OPTION);
      const sids = this.identities(token).map(({ sid }) => sid);
      if (said) await this.endAs(token, said, sids, info);
    }
    if (accessTokens.verify) {
      const said = await this.readAnyway(accessTokens.verify, token, 'legacy.accessTokens.verify');
      if (said) await this.endAs(token, said, [legacySid(token)], info);
    }
  }

  private rotate(token: string, request: RefreshRequest): Promise<TokenGrant> {
    return this.rotation ? this.rotation.refresh(token, request) : Promise.reject(noSessionsKept());
  }

  private async refreshFormer(
    redeem: ReadLegacyToken,
    token: string,
    request: RefreshRequest,
  ): Promise<TokenGrant | null> {
    const said = await this.read(redeem, token);
    // The words of the rotation, for what is of neither login.
    return said ? this.redeem(token, said, request) : this.rotate(token, request);
  }

  private async read(redeem: ReadLegacyToken, token: string): Promise<LegacyToken | null> {
    try {
      return await readLegacyToken(redeem, token, OPTION);
    } catch (error) {
      // A refresh never answers `token_expired`: its client would refresh.
      if (error instanceof AuthError && error.code === 'token_expired') throw sessionOver('session_ended');
      throw error;
    }
  }

  /** For a logout, which does not fail for a token that is over. */
  private async readAnyway(read: ReadLegacyToken, token: string, option: string): Promise<LegacyToken | null> {
    try {
      return await readLegacyToken(read, token, option);
    } catch (error) {
      if (error instanceof AuthError && error.getStatus() === 401) return null;
      throw error;
    }
  }

  private async endAs(token: string, said: LegacyToken, sids: readonly string[], info: RequestInfo): Promise<void> {
    // Before the session: what is redeemed after its end would come back.
    await this.marks.use(token, said, this.clock.now());
    await this.endings.end(said.sub, sids, 'session_revoked', { cause: 'logout', ...info });
  }

  private async redeem(token: string, said: LegacyToken, request: RefreshRequest): Promise<TokenGrant | null> {
    if (said.expiresAt !== undefined && this.clock.now() >= said.expiresAt * 1000) throw sessionOver('session_ended');
    const session = await this.find(token, said);
    const isUsed = await this.marks.isUsed(token);
    if (session.record) {
      if (!isUsed) await this.marks.use(token, said, this.clock.now());
      return this.repeat(session as Redeemed & { record: SessionRecord }, request);
    }
    if (session.ended || isUsed) throw sessionOver(session.ended ?? 'session_ended');
    // Asked for every user: the former login knows nothing of a password that was changed here.
    if (await this.marks.areEnded(said)) throw sessionOver('session_revoked');
    if (!isInShare(said.sub, this.policy.legacy.refreshTokens.share)) return null;
    return this.open(token, said, session, request);
  }

  private async open(
    token: string,
    said: LegacyToken,
    session: Redeemed,
    request: RefreshRequest,
  ): Promise<TokenGrant> {
    const { idempotencyKey, scope: _scope, ...info } = request;
    if (this.policy.loadSubject && said.generation === undefined) {
      throw AuthConfigError.of(OPTION, 'must give generation, as loadSubject is given');
    }
    const generation = this.policy.loadSubject ? said.generation : await this.sessions.generationOf(said.sub);
    const key = idempotencyKey ?? this.recall(session) ?? randomBytes(16).toString('base64url');
    try {
      const identity = { sid: session.sid, sec: session.sec, attempt: hashAttempt(key) };
      const login = { ...info, ...loginOf(said, this.policy), generation };
      const { grant, record, isRepeated } = await this.logins.openAs(identity, login, { redeemed: true });
      // Asked again: since the last look somebody may have redeemed and logged out, or changed the password.
      const [isUsed, areEnded] = await Promise.all([this.marks.isUsed(token), this.marks.areEnded(said)]);
      if (areEnded || (isUsed && !isRepeated)) {
        await this.endings.end(said.sub, [session.sid], 'session_revoked', info);
        throw sessionOver('session_revoked');
      }
      await this.marks.use(token, said, this.clock.now());
      if (isRepeated) return await this.repeat({ ...session, record }, { ...request, idempotencyKey: key });
      const { opened: _opened, ...tokens } = grant;
      return tokens;
    } catch (error) {
      // The words of a login: the password was changed meanwhile, or there is no such user any more.
      if (error instanceof AuthError && error.code === 'invalid_credentials') throw sessionOver('session_revoked');
      if (idempotencyKey === undefined && error instanceof AuthError && error.code === 'store_unavailable') {
        this.unsettled.remember(session.sid, BEFORE_FIRST, key, this.clock.now());
      }
      throw error;
    }
  }

  /** The old token as the one before the first of its session: what the rotation does with it is the rule for all. */
  private repeat({ record, sec, ...session }: Redeemed & { record: SessionRecord }, request: RefreshRequest) {
    const step = this.refreshTokens.sign({ ...record, seq: BEFORE_FIRST }, sec, this.clock.now());
    return this.rotate(step, {
      ...request,
      idempotencyKey: request.idempotencyKey ?? this.recall(session),
    });
  }

  private recall({ sid }: Pick<Redeemed, 'sid'>): string | undefined {
    return this.unsettled.recall(sid, BEFORE_FIRST, this.clock.now()).at(-1);
  }

  /** The session of the token under one of the keys, or that which it would be given. */
  private async find(token: string, { sub }: LegacyToken): Promise<Redeemed> {
    const looked = await Promise.all(
      this.identities(token).map(async (identity) => {
        const { record, ended } = await keptIn(this.repository).find(sub, identity.sid);
        return { ...identity, record, ended };
      }),
    );
    return looked.find(({ record }) => record) ?? looked.find(({ ended }) => ended) ?? looked[0]!;
  }

  /** They follow from the token, so that a repeated request names the same session, on every instance. */
  private identities(token: string): { readonly sid: string; readonly sec: string }[] {
    const name = nameOfToken(token);
    const secs = this.refreshTokens.secretsOf('sec of a redeemed session', name);
    return this.refreshTokens
      .secretsOf('sid of a redeemed session', name)
      .map((sid, index) => ({ sid, sec: secs[index]! }));
  }
}

/**
 * What is known of the login. When it was is never taken to be now: nobody has given a password, and its claims are as old
 * as the token. What `loadSubject` says of the user is not taken from an old token.
 */
const loginOf = (
  { sub, clientId, claims, issuedAt = 0, authTime = 0, amr = [] }: LegacyToken,
  { subjectOnly }: AuthPolicy,
) => ({
  sub,
  clientId,
  claims: claims && Object.fromEntries(Object.entries(claims).filter(([name]) => !subjectOnly.has(name))),
  claimsReadAt: issuedAt * 1000,
  authTime,
  amr,
});
