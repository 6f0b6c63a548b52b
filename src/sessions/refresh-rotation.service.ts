import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import { traced, type TraceSpan } from '../auth.tracing.js';
import { AuthEvents } from '../events/auth.events.js';
import { Pace } from '../limits/pace.js';
import { sessionAttributes } from '../events/span-attributes.js';
import { attemptTtlOf, clientPolicy, type AuthPolicy } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { TokenRepository, type Snapshot } from './token.repository.js';
import { Revocations } from '../revocation/revocations.js';
import type { RefreshTokenClaims } from '../tokens/claims-rules.js';
import { RefreshTokens } from '../tokens/refresh-token.js';
import { attemptOf } from './attempt.js';
import { within } from '../auth.deadline.js';
import type { EndCause } from '../events/request-info.js';
import type { RefreshRequest } from './refresh-request.js';
import { ReuseReports, tokenName, type Lateness } from './reuse-reports.js';
import type { RotationDecision } from './rotation.js';
import { aboutSession, advanceCommand, datedByRecord, decisionOn, firstStep, presentedBy } from './rotation-steps.js';
import { replayEvent, TRIES, type Advance, type Refusal, type Rotation, type Settled } from './rotation-steps.js';
import type { SessionEndReason, SessionRecord } from './session.js';
import { SessionEndings } from './session-endings.js';
import { REFRESHED_TOO_OFTEN, revokedToken, sessionOver, storeTooBusy } from './session-errors.js';
import { Subjects } from './subjects.js';
import { narrowedTo, TokenGrants, type TokenGrant } from './token-grant.js';
import { UnsettledAttempts } from './unsettled-attempts.js';

/**
 * Exchanges a refresh token for its successor (RFC 9700 section 4.14.2: rotation with reuse detection).
 *
 * Verify, ask the host, then one step in the store; after that step there is only CPU work, because a 503 after it
 * would turn an honest retry into a theft alarm. The rule itself is `decideRotation`.
 */
@Injectable()
export class RefreshRotationService {
  private readonly unsettled = new UnsettledAttempts();
  private readonly reuseReports = new ReuseReports();
  private readonly pace: Pace;

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(TokenRepository) private readonly repository: TokenRepository,
    @Inject(RefreshTokens) private readonly refreshTokens: RefreshTokens,
    @Inject(SessionEndings) private readonly endings: SessionEndings,
    @Inject(TokenGrants) private readonly grants: TokenGrants,
    @Inject(Subjects) private readonly subjects: Subjects,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {
    this.pace = new Pace(policy.loginLimits?.refresh ?? null, REFRESHED_TOO_OFTEN);
  }

  /**
   * Rotates a refresh token: it is spent, and its successor comes with a new access token. The same token again within
   * the grace time, or with the same `Idempotency-Key` within `attemptTtl`, gets the same successor, byte for byte.
   *
   * @throws AuthError `token_invalid` (nothing was touched), `session_ended`, `session_revoked`, `session_replaced`,
   * `token_reused` (the session was ended just now), `invalid_request` (the key), `store_unavailable` and
   * `too_many_attempts` (keep the token)
   * @example
   * ```ts
   * const grant = await rotation.refresh(refreshToken, { idempotencyKey: 'b7e23ec2-9d3c-4f0e-8a51-0d1c6b2f7e94' });
   * ```
   */
  refresh(refreshToken: string, request: RefreshRequest = {}): Promise<TokenGrant> {
    return traced('keyturn.refresh', request, (span) => this.rotate(refreshToken, request, span));
  }

  private async rotate(refreshToken: string, request: RefreshRequest, span?: TraceSpan): Promise<TokenGrant> {
    const token = this.refreshTokens.readSigned(refreshToken, this.clock.now());
    span?.setAttributes(sessionAttributes(token.sub, token.sid, token.client_id));
    this.pace.admit(this.reuseReports.paceOf(token), this.clock.now());
    await this.refuseRevoked(token);
    const rotation = await this.prepare(token, request);
    try {
      const settled = await this.settleWithClaims(rotation);
      this.unsettled.settle(token.sid, token.seq);
      span?.setAttribute('keyturn.rotation', settled.kind === 'advanced' ? 'advance' : settled.decision.kind);
      this.settled(settled.kind === 'advanced' ? settled.by : settled.decision);
      // Again: a store that fell back to before a logout that we know of must not undo it.
      await this.refuseRevoked(token);
      return settled.kind === 'advanced'
        ? await this.answerAdvanced(rotation, settled)
        : await this.answerDecided(rotation, settled.decision, settled.snapshot);
    } catch (error) {
      // A client's own key is not remembered: who has only the token must not get what the key is for.
      if (rotation.attempt.from !== 'client' && error instanceof AuthError && error.code === 'store_unavailable') {
        this.unsettled.remember(token.sid, token.seq, rotation.attempt.id, this.clock.now());
      }
      throw error;
    }
  }

  /** Is told what the rule decided, before that is carried out. Does nothing, so that a subclass may look on. */
  protected settled(_decision: RotationDecision): void {}

  /** Refuses what is known to be over. A store that went back in time may have brought it back: it is removed, too. */
  private refuseRevoked(token: RefreshTokenClaims): Promise<never> | undefined {
    const revoked = this.revocations.check(token);
    if (!revoked) return undefined;
    const cleared = revoked !== 'claims_outdated' && this.endings.clear(token.sub, token.sid, revoked);
    return Promise.resolve(cleared).then(() => Promise.reject(revokedToken(revoked)));
  }

  /** All that may fail or wait, before the store is asked to advance. */
  private async prepare(token: RefreshTokenClaims, request: RefreshRequest): Promise<Rotation> {
    const { idempotencyKey, scope, ...info } = request;
    const recalled = this.unsettled.recall(token.sid, token.seq, this.clock.now());
    const subject = await this.subjects.ofToken(token, this.repository);
    const actorOver = token.act !== undefined && (await this.subjects.isActorOver(token, token.act, this.repository));
    const client = clientPolicy(this.policy, token.client_id);
    const keyTtl = Math.max(attemptTtlOf(this.policy, client), this.repository.commandTimeout);
    return {
      token,
      presented: presentedBy(token),
      attempt: attemptOf(idempotencyKey, recalled, keyTtl),
      subject,
      actorOver,
      rules: { grace: this.policy.grace, slides: this.policy.slides, idleTtl: client.idleTtl },
      info,
      scope,
      deadline: this.clock.now() + this.repository.commandTimeout,
    };
  }

  /** Asks the host again where the claims changed meanwhile, before the store has advanced. */
  private async settleWithClaims(rotation: Rotation): Promise<Exclude<Settled, { kind: 'claims-changed' }>> {
    for (let tries = 0; tries < TRIES; tries++) {
      const settled = await this.settle(rotation);
      if (settled.kind !== 'claims-changed') return settled;
      rotation.subject = await this.subjects.ofToken(rotation.token, this.repository, settled.at);
      rotation.deadline = this.clock.now() + this.repository.commandTimeout;
    }
    throw storeTooBusy();
  }

  /** Steps in the store until one has decided; the first is the only one in the ordinary case. */
  private async settle(rotation: Rotation): Promise<Settled> {
    const { token, subject } = rotation;
    let step = firstStep(rotation);
    for (let tries = 0; tries < TRIES; tries++) {
      const asked = step
        ? this.repository.advance(advanceCommand(rotation, step))
        : this.repository.find(token.sub, token.sid).then((found) => ({ ...found, advanced: false }));
      const result = tries === 0 ? await asked : await this.inTime(rotation, asked);
      if (result.advanced) return { kind: 'advanced', by: step!, record: result.record!, now: result.now };

      if (subject && result.record && result.claimsChangedAt >= subject.readAt) {
        return { kind: 'claims-changed', at: result.claimsChangedAt };
      }
      const decision = decisionOn(rotation, result);
      if (decision.kind !== 'advance') return { kind: 'decided', decision, snapshot: result };
      step = decision;
    }
    throw storeTooBusy();
  }

  private answerAdvanced(
    rotation: Rotation,
    { by, record, now }: Extract<Settled, { kind: 'advanced' }>,
  ): Promise<TokenGrant> {
    const { info } = rotation;
    const { seq: tokenSeq, ...session } = aboutSession(rotation);
    if (by.ahead) {
      this.events.emit({ type: 'store.rollback_detected', ...session, tokenSeq, recordSeq: by.expectSeq }, info);
    }
    this.events.emit({ type: 'token.refreshed', ...session, seq: record.seq }, info);
    return this.grant(rotation, record, now);
  }

  private async answerDecided(
    rotation: Rotation,
    decision: Exclude<RotationDecision, Advance>,
    { record, ended: reason, now }: Snapshot,
  ): Promise<TokenGrant> {
    if (decision.kind !== 'replay') throw await this.refuse(rotation, decision, reason);
    this.events.emit(replayEvent(rotation, decision, record!), rotation.info);
    return this.grant(rotation, record!, now);
  }

  /** Carries a refusal out and gives the error that tells of it. */
  private async refuse(rotation: Rotation, decision: Refusal, reason: SessionEndReason | null): Promise<AuthError> {
    const { token } = rotation;
    switch (decision.kind) {
      case 'gone':
        // Its end may have been cut off before it was announced, and only who comes with its token can name it.
        await this.inTime(rotation, this.endings.announce(token.sub, [token.sid], reason ?? 'session_ended'));
        return sessionOver(reason ?? 'session_ended');
      case 'foreign':
        return new AuthError('token_invalid', 'The token is not of this session.');
      case 'unknown-subject':
      case 'outdated':
        return this.end(rotation, 'session_revoked', decision.kind === 'outdated' ? 'outdated' : 'subject_gone');
      case 'over':
        return this.end(rotation, 'session_ended');
      case 'reuse':
        return this.end(rotation, 'token_reused', 'reused', { distance: decision.distance, age: decision.age });
    }
  }

  /** A command of its own, sent only while this request is inside its time: a request that gave up must not end sessions. */
  private async end(
    rotation: Rotation,
    reason: SessionEndReason,
    cause?: EndCause,
    reuse?: Lateness,
  ): Promise<AuthError> {
    const [{ sub, sid }, info] = [rotation.token, { ...rotation.info, cause }];
    if (reuse && this.policy.onReuse === 'report') return this.report(rotation, reuse);
    if (this.clock.now() >= rotation.deadline) throw storeTooBusy();
    if (reuse && this.reuseReports.isFirst(sid)) {
      this.events.emit({ type: 'token.reused', ...aboutSession(rotation), ...reuse }, info);
    }
    const ended =
      reuse && this.policy.onReuse === 'subject'
        ? this.endings.endAll(sub, reason, info, sid, reuse)
        : this.endings.end(sub, [sid], reason, info, reuse);
    await this.inTime(rotation, ended);
    this.reuseReports.forget(sid);
    return sessionOver(reason);
  }

  /** The token is refused, and the session lives for who has its present one. */
  private report(rotation: Rotation, reuse: Lateness): AuthError {
    const { sid, seq } = rotation.token;
    if (this.reuseReports.isFirst(tokenName(sid, seq))) {
      this.events.emit({ type: 'token.reused', ...aboutSession(rotation), ...reuse }, rotation.info);
    }
    return new AuthError('token_reused', 'This refresh token was used before. Use its successor, or log in again.');
  }

  private inTime<T>({ deadline }: Rotation, step: Promise<T>): Promise<T> {
    return within(deadline - this.clock.now(), step, storeTooBusy);
  }

  /**
   * Only after the store has lost its last writes are the claims of a record older than a change that is known here: it
   * cannot bring the present ones again, and a token of the old ones would be refused. A login can.
   */
  private async grant(rotation: Rotation, record: SessionRecord, now: number): Promise<TokenGrant> {
    const { token, subject, scope } = rotation;
    if (!subject && this.revocations.check(datedByRecord(token, record)))
      throw await this.end(rotation, 'session_revoked');
    const read = narrowedTo(scope, this.grants.claimsOf(record, subject ?? null));
    return this.grants.ofRecord(record, token.sec, read, now);
  }
}
