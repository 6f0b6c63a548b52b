import type { AuthEvent } from '../events/auth.events.js';
import type { RequestInfo } from '../events/request-info.js';
import type { RefreshTokenClaims } from '../tokens/claims-rules.js';
import { hashSecret } from '../tokens/refresh-token.js';
import { attemptOn, type Attempt } from './attempt.js';
import { decideRotation, type PresentedToken, type RotationDecision, type RotationPolicy } from './rotation.js';
import type { SessionRecord } from './session.js';
import type { SubjectState } from './subjects.js';
import type { AdvanceCommand, Snapshot } from './token.repository.js';

/** A request to rotate, once its token is verified and its subject is known. */
export interface Rotation {
  readonly token: RefreshTokenClaims;
  readonly presented: PresentedToken;
  readonly attempt: Attempt;
  /** Null: the host knows no such subject. Undefined: the host was not asked. */
  subject: SubjectState | null | undefined;
  /** Whether who acts for the subject is gone, or has a newer generation. */
  readonly actorOver: boolean;
  readonly rules: RotationPolicy;
  readonly info: RequestInfo;
  readonly scope: readonly string[] | undefined;
  /** Milliseconds; nothing is sent to the store after it. */
  deadline: number;
}

export type Advance = Extract<RotationDecision, { kind: 'advance' }>;
export type Refusal = Exclude<RotationDecision, Advance | { kind: 'replay' }>;
export type Settled =
  /** Nothing was written: the claims for the new token changed while it was asked for. */
  | { readonly kind: 'claims-changed'; readonly at: number }
  | { readonly kind: 'advanced'; readonly by: Advance; readonly record: SessionRecord; readonly now: number }
  | { readonly kind: 'decided'; readonly decision: Exclude<RotationDecision, Advance>; readonly snapshot: Snapshot };

// A compare is lost to another request of the same session only; more than two in a row do not happen to honest clients.
export const TRIES = 5;

/** What the rule looks at in a verified token. */
export const presentedBy = ({ seq, sec, gen, iat }: RefreshTokenClaims): PresentedToken => ({
  seq,
  secretHash: hashSecret(sec),
  generation: gen,
  issuedAt: iat * 1000,
});

/** What events tell of the session. */
export const aboutSession = ({ token }: Rotation) => ({
  sub: token.sub,
  sid: token.sid,
  clientId: token.client_id,
  seq: token.seq,
});

/** A subject that is gone or has a newer generation must not advance: null, look first, then decide. */
export function firstStep({ token, subject, actorOver }: Rotation): Advance | null {
  const blocked = actorOver || subject === null || (subject !== undefined && subject.generation > token.gen);
  return blocked ? null : { kind: 'advance', expectSeq: token.seq, nextSeq: token.seq + 1 };
}

/** What the rule says of what the store has. */
export function decisionOn(
  { presented, subject, actorOver, attempt, rules }: Rotation,
  { record, generation, now }: Snapshot,
): RotationDecision {
  const known = actorOver ? Infinity : Math.max(subject?.generation ?? 0, generation);
  const request = { generation: subject === null ? null : known, ...attemptOn(attempt, record?.attempt) };
  return decideRotation(record, presented, request, rules, now);
}

/** The step in the store. */
export const advanceCommand = (
  { token, presented, attempt, rules, subject }: Rotation,
  { expectSeq, nextSeq, ahead }: Advance,
): AdvanceCommand => ({
  sub: token.sub,
  sid: token.sid,
  secretHash: presented.secretHash,
  generation: token.gen,
  expectSeq,
  nextSeq,
  attempt: attempt.id,
  idleTtl: rules.slides ? rules.idleTtl : null,
  healedIdleEnd: ahead?.idleEnd ?? null,
  claimsAt: subject?.readAt ?? null,
});

/** What a token says that has the record's claims. Their time is in the details, which the store may have to inflate. */
export const datedByRecord = ({ sub, sid, gen, act }: RefreshTokenClaims, { claimsAt }: SessionRecord) => ({
  sub,
  sid,
  gen,
  act,
  claims_at: claimsAt,
});

/** A resend inside one request is a refresh like any other; what comes again later is told apart. */
export function replayEvent(
  rotation: Rotation,
  { age, sameAttempt }: Extract<RotationDecision, { kind: 'replay' }>,
  record: SessionRecord,
): AuthEvent {
  const { seq, ...session } = aboutSession(rotation);
  return sameAttempt && rotation.attempt.from === 'fresh'
    ? { type: 'token.refreshed', ...session, seq: record.seq }
    : { type: 'token.replayed', ...session, seq, age, sameAttempt };
}
