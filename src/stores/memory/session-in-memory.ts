import { presentClaims, type ClaimsChange } from '../../sessions/session-claims.js';
import { idleTtlOf, wholeSecond, type SessionRecord } from '../../sessions/session.js';
import type { OpenCommand } from '../../sessions/token.repository.js';

/** A session as it was opened, and the claims that it has got for itself. */
export interface HeldSession {
  readonly record: SessionRecord;
  readonly own: ClaimsChange | null;
}

/** The record that a login begins with. */
export function newRecord(command: OpenCommand, generation: number, now: number): SessionRecord {
  const absoluteEnd = wholeSecond(now + command.absoluteTtl);
  const { sid, sub, clientId, transport, secretHash, attempt, amr, acr, act, persistent, device } = command;
  const { subjectClaims, sessionClaims } = command;
  return {
    sid,
    sub,
    clientId,
    transport,
    secretHash,
    attempt,
    amr: [...amr],
    device: { ...device },
    generation,
    persistent,
    ...(acr !== undefined && { acr }),
    ...(act && { act: { sub: act.sub, generation: act.generation } }),
    seq: 0,
    rotatedAt: now,
    createdAt: now,
    authTime: command.authTime ?? Math.floor(now / 1000),
    idleEnd: Math.min(wholeSecond(now + idleTtlOf(command, command.idleTtl)), absoluteEnd),
    absoluteEnd,
    ...(subjectClaims && { subjectClaims: structuredClone(subjectClaims) }),
    ...(sessionClaims && { sessionClaims: structuredClone(sessionClaims) }),
    claimsAt: command.claimsAt ?? now,
  };
}

/** A copy: what a caller does to a record must not reach the stored one. */
export const present = ({ record, own }: HeldSession, change: ClaimsChange | null): SessionRecord => ({
  ...record,
  ...presentClaims({ claims: record.subjectClaims, claimsAt: record.claimsAt }, change, own),
});
