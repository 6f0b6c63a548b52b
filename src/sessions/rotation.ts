import { idleTtlOf, isOver, wholeSecond, type SessionRecord } from './session.js';

/** What rotation needs to know of a verified refresh token. */
export interface PresentedToken {
  readonly seq: number;
  /** Hash of the token's `sec`, comparable with the record's. */
  readonly secretHash: string;
  /** The subject's generation when the session was opened. */
  readonly generation: number;
  /** `iat` in milliseconds: when the token's session was rotated to it. */
  readonly issuedAt: number;
}

/** What the request brings besides its token. */
export interface RotationRequest {
  /** What this advance is asked by, see {@link SessionRecord.attempt}. */
  readonly attempt: string;
  /**
   * For how long that attempt gets the successor it has asked for, milliseconds. Infinity for one of the service's own,
   * which comes again only while its outcome is unknown.
   */
  readonly attemptTtl: number;
  /** The highest generation known for the subject; null when `loadSubject` knows no such subject. */
  readonly generation: number | null;
}

/** The part of the policy that decides a rotation. Milliseconds. */
export interface RotationPolicy {
  /** How long a spent token still yields its successor; 0 is strict. */
  readonly grace: number;
  readonly idleTtl: number;
  /** Whether a rotation moves the idle end. */
  readonly slides: boolean;
}

/** What is to be done with a presented token. Every row of the protocol's table is one of these. */
export type RotationDecision =
  | { readonly kind: 'gone' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unknown-subject' }
  | { readonly kind: 'outdated' }
  | { readonly kind: 'over' }
  | {
      readonly kind: 'advance';
      /** What the record must still hold for the advance to happen. */
      readonly expectSeq: number;
      readonly nextSeq: number;
      /** Set when the store went back in time: the idle end to take as the record's, null where nothing slides. */
      readonly ahead?: { readonly idleEnd: number | null };
    }
  | { readonly kind: 'replay'; readonly age: number; readonly sameAttempt: boolean }
  | { readonly kind: 'reuse'; readonly distance: number; readonly age: number };

/**
 * The rotation rule: decides about a verified refresh token from the session's record, in the order of the
 * protocol's table. Pure: the request that lost a compare-and-advance calls it again with the record that came back.
 *
 * @param record what the store holds, or null
 * @param now the store's time, milliseconds
 */
export function decideRotation(
  record: SessionRecord | null,
  token: PresentedToken,
  request: RotationRequest,
  policy: RotationPolicy,
  now: number,
): RotationDecision {
  if (!record) return { kind: 'gone' };
  if (record.secretHash !== token.secretHash) return { kind: 'foreign' };
  if (request.generation === null) return { kind: 'unknown-subject' };
  if (request.generation > token.generation) return { kind: 'outdated' };

  const distance = record.seq - token.seq;
  // We signed this token, so a lower record means that the store lost its last writes (failover, restore).
  // The lost writes moved the idle end as well; the token tells from when. What the record has gained since counts too.
  const ahead = distance < 0;
  const healedIdleEnd =
    ahead && policy.slides
      ? Math.min(
          Math.max(wholeSecond(token.issuedAt + idleTtlOf(record, policy.idleTtl)), record.idleEnd),
          record.absoluteEnd,
        )
      : null;
  const ends = { idleEnd: healedIdleEnd ?? record.idleEnd, absoluteEnd: record.absoluteEnd };
  if (isOver(ends, now)) return { kind: 'over' };

  if (distance <= 0) {
    const advance = { kind: 'advance', expectSeq: record.seq, nextSeq: token.seq + 1 } as const;
    return ahead ? { ...advance, ahead: { idleEnd: healedIdleEnd } } : advance;
  }

  const age = Math.max(0, now - record.rotatedAt);
  const sameAttempt = record.attempt === request.attempt;
  const inGrace = policy.grace > 0 && age <= policy.grace;
  if (distance === 1 && (inGrace || (sameAttempt && age <= request.attemptTtl))) {
    return { kind: 'replay', age, sameAttempt };
  }
  return { kind: 'reuse', distance, age };
}
