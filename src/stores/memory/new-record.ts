import { wholeSecond, type SessionRecord } from '../../sessions/session.js';
import type { OpenCommand } from '../../sessions/token.repository.js';

/** The record that a login begins with. */
export function newRecord(command: OpenCommand, generation: number, now: number): SessionRecord {
  const absoluteEnd = wholeSecond(now + command.absoluteTtl);
  const { sid, sub, clientId, transport, secretHash, attempt, amr, claims, device } = command;
  return {
    ...{ sid, sub, clientId, transport, secretHash, attempt, amr: [...amr], device: { ...device }, generation },
    seq: 0,
    rotatedAt: now,
    createdAt: now,
    authTime: command.authTime ?? Math.floor(now / 1000),
    idleEnd: Math.min(wholeSecond(now + command.idleTtl), absoluteEnd),
    absoluteEnd,
    ...(claims && { claims: structuredClone(claims) }),
  };
}
