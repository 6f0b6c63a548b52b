import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ClaimsChange } from '../../sessions/session-claims.js';
import type { HostClaims } from '../../sessions/session.js';

/*
 * Claims that were changed while sessions live stand in fields of their own, since a script can date them there:
 *   c        of the subject: at (6 bytes, ms), until when it is kept (6 bytes, ms), then the claims, if any
 *   <sid> c  of one session: at (6 bytes, ms), then the claims
 * The claims are one byte that says how to read them, and JSON.
 */
const PLAIN = 0;
const DEFLATED = 1;
const TIME_BYTES = 6;

export function packClaims(claims: HostClaims): Buffer {
  const plain = Buffer.from(JSON.stringify(claims));
  const deflated = deflateRawSync(plain, { level: 9 });
  return deflated.length < plain.length
    ? Buffer.concat([Buffer.of(DEFLATED), deflated])
    : Buffer.concat([Buffer.of(PLAIN), plain]);
}

function unpackClaims(bytes: Buffer): HostClaims {
  const body = bytes.subarray(1);
  return JSON.parse((bytes[0] === DEFLATED ? inflateRawSync(body) : body).toString()) as HostClaims;
}

/** @param now a change that is kept no longer is none */
export function readSubjectChange(value: Buffer | null, now: number): ClaimsChange | null {
  if (!value || value.readUIntBE(TIME_BYTES, TIME_BYTES) <= now) return null;
  const packed = value.subarray(2 * TIME_BYTES);
  return {
    at: value.readUIntBE(0, TIME_BYTES),
    claims: packed.length > 0 ? unpackClaims(packed) : null,
  };
}

export const readOwnClaims = (value: Buffer | null): ClaimsChange | null =>
  value && { at: value.readUIntBE(0, TIME_BYTES), claims: unpackClaims(value.subarray(TIME_BYTES)) };
