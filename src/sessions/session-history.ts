import type { EndCause, RequestInfo } from '../events/request-info.js';
import { isOver, type DeviceInfo, type SessionEndReason, type SessionRecord } from './session.js';

/** What is noted of an end beside its reason. */
export interface EndNote {
  /** How it came to the end. */
  readonly cause?: EndCause;
  /** Where the request came from that ended it. */
  readonly ip?: string;
  /** Of a spent token that was used again: how many rotations it was behind. */
  readonly distance?: number;
  /** And for how long it had been spent, milliseconds. */
  readonly age?: number;
}

/** A session that has ended, as long as it is remembered. Times in milliseconds. Nothing of a token is in it. */
export interface PastSession extends EndNote {
  /** The session. */
  readonly sid: string;
  /** Why it ended, as its owner is told. */
  readonly reason: SessionEndReason;
  /** When it ended; milliseconds, as all times here. */
  readonly endedAt: number;
  /** When it was opened. */
  readonly createdAt: number;
  /** When its refresh token was last exchanged. */
  readonly rotatedAt: number;
  /** How often its refresh token was exchanged. */
  readonly seq: number;
  /** The client that opened it. */
  readonly clientId: string;
  /** As it was at the login. */
  readonly device: DeviceInfo;
}

const remembered = ({ sid, createdAt, rotatedAt, seq, clientId, device }: SessionRecord) => ({
  sid,
  createdAt,
  rotatedAt,
  seq,
  clientId,
  device: { ...device },
});

/**
 * A session that is past one of its ends, whether or not anybody has come upon it: the store finds out at the next login
 * or refresh. Pure.
 * @param now the store's time, milliseconds
 * @returns null while it is alive
 */
export function endedByTime(record: SessionRecord, now: number): PastSession | null {
  const { idleEnd, absoluteEnd } = record;
  if (!isOver(record, now)) return null;
  const cause = absoluteEnd <= idleEnd ? 'absolute' : 'idle';
  return { ...remembered(record), reason: 'session_ended', endedAt: Math.min(idleEnd, absoluteEnd), cause };
}

/** A session that is being ended; one past an end is said to have ended then. Pure. */
export const endedNow = (
  record: SessionRecord,
  { reason, now, note }: { readonly reason: SessionEndReason; readonly now: number; readonly note?: EndNote },
): PastSession => endedByTime(record, now) ?? { ...remembered(record), reason, endedAt: now, ...note };

/** How many ends are remembered for one subject: the latest. */
export const ENDS_REMEMBERED = 12;

/** What a request tells of the end that it causes. */
export const endNoteOf = (
  { cause, device }: RequestInfo = {},
  keepAddress: (address: string) => string | undefined,
): EndNote => {
  const ip = device?.ip === undefined ? undefined : keepAddress(device.ip);
  return { ...(cause !== undefined && { cause }), ...(ip !== undefined && { ip }) };
};
