import type { EndCause, RequestInfo } from '../events/request-info.js';
import type { DeviceInfo, SessionEndReason } from './session.js';

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
