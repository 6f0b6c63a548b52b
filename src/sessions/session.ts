import type { DeviceInfo } from '../events/request-info.js';

/** How a session's tokens travel: in bodies and the `Authorization` header, or in cookies. */
export type SessionTransport = 'body' | 'cookie';

export type { SessionEndReason } from '../auth.errors.js';
export type { DeviceInfo } from '../events/request-info.js';

/** Claims of the host in an access token, such as `roles` or `scope`. JSON values only. */
export type HostClaims = Readonly<Record<string, unknown>>;

/**
 * One login on one device, as the store keeps it. The same size after one rotation and after ten thousand.
 * Times are the store's, in milliseconds since the epoch, unless a name says otherwise.
 */
export interface SessionRecord {
  /** 128 random bits, base64url (22 characters). */
  readonly sid: string;
  readonly sub: string;
  readonly clientId: string;
  readonly transport: SessionTransport;
  /** Number of the refresh token that is current; the first is 0. */
  readonly seq: number;
  /** When `seq` was last advanced; at first the time of opening. */
  readonly rotatedAt: number;
  /** What the last advance was asked by: 64 bits, base64url (11 characters). */
  readonly attempt: string;
  /** The first 128 bits of SHA-256 over the session's secret, base64url (22 characters). */
  readonly secretHash: string;
  readonly createdAt: number;
  /** Whole seconds, as in the claim: when the password was last given. */
  readonly authTime: number;
  /** Authentication methods (RFC 8176), such as `pwd`; empty if not known. */
  readonly amr: readonly string[];
  /** A multiple of 1000. */
  readonly idleEnd: number;
  /** A multiple of 1000; no path goes beyond it. */
  readonly absoluteEnd: number;
  /** The subject's generation at login; tokens below the present one are dead. */
  readonly generation: number;
  /** Kept only where the host has no `loadSubject` to supply them. */
  readonly claims?: HostClaims;
  readonly device: DeviceInfo;
}

/** Down to the whole second: ends are told in tokens, which count in seconds. */
export const wholeSecond = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;
