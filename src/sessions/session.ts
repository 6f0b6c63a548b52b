import type { DeviceInfo } from '../events/request-info.js';

/** How a session's tokens travel: in bodies and the `Authorization` header, or in cookies. */
export type SessionTransport = 'body' | 'cookie';

export type { SessionEndReason } from '../auth.errors.js';
export type { DeviceInfo } from '../events/request-info.js';

/** Claims of the host in an access token, such as `roles` or `scope`. JSON values only. */
export type HostClaims = Readonly<Record<string, unknown>>;

/** Who acts in a session of somebody else (RFC 8693 section 4.1), such as a supporter in that of a customer. */
export interface Actor {
  /** Who acts. */
  readonly sub: string;
  /** The actor's generation when the session was opened: with it the session ends as well. */
  readonly generation: number;
}

/**
 * One login on one device, as the store keeps it. The same size after one rotation and after ten thousand.
 * Times are the store's, in milliseconds since the epoch, unless a name says otherwise.
 */
export interface SessionRecord {
  /** 128 random bits, base64url (22 characters). */
  readonly sid: string;
  /** The user. */
  readonly sub: string;
  /** The client that opened the session. */
  readonly clientId: string;
  /** Whether its tokens travel in bodies or in cookies. */
  readonly transport: SessionTransport;
  /** Number of the refresh token that is current; the first is 0. */
  readonly seq: number;
  /** When `seq` was last advanced; at first the time of opening. */
  readonly rotatedAt: number;
  /** What the last advance was asked by: 64 bits, base64url (11 characters). */
  readonly attempt: string;
  /** The first 128 bits of SHA-256 over the session's secret, base64url (22 characters). */
  readonly secretHash: string;
  /** When it was opened, milliseconds by the store's clock. */
  readonly createdAt: number;
  /** Whole seconds, as in the claim: when the password was last given. */
  readonly authTime: number;
  /** Authentication methods (RFC 8176), such as `pwd`; empty if not known. */
  readonly amr: readonly string[];
  /** Authentication context class (RFC 9068 section 2.2.1): how sure the login was. */
  readonly acr?: string;
  /** Set where somebody acts for the subject. */
  readonly act?: Actor;
  /** Whether it outlives the browser. One that does not is idle after a day at the latest. */
  readonly persistent: boolean;
  /** A multiple of 1000. */
  readonly idleEnd: number;
  /** A multiple of 1000; no path goes beyond it. */
  readonly absoluteEnd: number;
  /** The subject's generation at login; tokens below the present one are dead. */
  readonly generation: number;
  /** Kept only where the host has no `loadSubject` to supply them. */
  readonly subjectClaims?: HostClaims;
  /** Of this session alone, such as a tenant. */
  readonly sessionClaims?: HostClaims;
  /** When these claims were given; tokens made from the record are dated by it. */
  readonly claimsAt: number;
  /** What is known of its device. */
  readonly device: DeviceInfo;
}

/** The longest idle time of a session that ends with its browser: nobody knows when that is, so a day must do. */
export const BROWSER_IDLE = 86_400_000;

/** The idle time of a session, by that of its client. Milliseconds. */
export const idleTtlOf = ({ persistent }: Pick<SessionRecord, 'persistent'>, idleTtl: number): number =>
  persistent ? idleTtl : Math.min(idleTtl, BROWSER_IDLE);

/** Down to the whole second: ends are told in tokens, which count in seconds. */
export const wholeSecond = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;

/** Whether a session is past one of its ends, by the store's clock. */
export const isOver = (
  { idleEnd, absoluteEnd }: Pick<SessionRecord, 'idleEnd' | 'absoluteEnd'>,
  now: number,
): boolean => now >= idleEnd || now >= absoluteEnd;
