import { presentClaims, type ClaimsChange } from '../../sessions/session-claims.js';
import type { SessionRecord } from '../../sessions/session.js';
import { LateMembers } from './late-members.js';
import {
  lateDetails,
  packDetails,
  SessionFormatError,
  type LateDetails,
  type SessionDetails,
} from './session-details.js';

/**
 * The fixed part of a packed session, in the notation of Lua's `struct` (the scripts read and write it too):
 * head, seq, rotatedAt (ms), attempt, secretHash, createdAt (ms), idleEnd (s), absoluteEnd (s).
 * Behind it, where the head says so: generation (7 bytes), authTime (4 bytes, s); then the amr.
 *
 * 49 bytes and one for `pwd`: with up to 53 a user's only session fits Redis' 80 byte bin, with more than 64 the whole
 * hash would leave its compact encoding (hash-max-listpack-value).
 */
export const FIXED_PART = '>BI4I6c8c16I6I4I4';
const FIXED_LENGTH = 49;
/**
 * In the high half of the head; a change of the layout raises it. A session has the lowest format that tells all of
 * it, so that the release before reads what it can: 2 is only for what must not be overlooked, an actor or claims of
 * the session's own. The layout of both is the same.
 */
export const FIRST_FORMAT = 1;
export const LAST_FORMAT = 2;
/** Flags in the low half of the head. */
export const HAS_GENERATION = 1;
const HAS_AUTH_TIME = 2;
const BY_COOKIE = 4;
/** It ends with its browser; the release before takes it for an ordinary one. */
export const IN_BROWSER = 8;

/** RFC 8176, one byte each. The order is the format: only append. */
const AUTHENTICATION_METHODS =
  'face fpt geo hwk iris kba mca mfa otp pin pop pwd rba retina sc sms swk tel user vbm wia'.split(' ');
/** A byte from here on is the length, plus this, of a method that is not in the list. */
const SPELLED_OUT = 0x80;

/** A session as the store holds it: the part every rotation rewrites, and the part that never changes, if any. */
export interface PackedSession {
  readonly session: Buffer;
  readonly details: Buffer | null;
}

/** What was changed of a session's claims since it was opened. */
export interface StoredChanges {
  readonly ofSubject: ClaimsChange | null;
  readonly ofSession: ClaimsChange | null;
}
const UNCHANGED: StoredChanges = { ofSubject: null, ofSession: null };

/** @throws RangeError when a field does not fit its place, such as a secret hash that is not 128 bits */
export function packSession(record: Omit<SessionRecord, 'claimsAt'> & Pick<SessionDetails, 'claimsAt'>): PackedSession {
  const spellsAuthTime = record.authTime !== Math.floor(record.createdAt / 1000);
  const fixed = Buffer.alloc(FIXED_LENGTH);
  const format = record.act || record.sessionClaims ? LAST_FORMAT : FIRST_FORMAT;
  fixed[0] =
    (format << 4) |
    (record.generation > 0 ? HAS_GENERATION : 0) |
    (spellsAuthTime ? HAS_AUTH_TIME : 0) |
    (record.transport === 'cookie' ? BY_COOKIE : 0) |
    (record.persistent ? 0 : IN_BROWSER);
  fixed.writeUInt32BE(record.seq, 1);
  fixed.writeUIntBE(record.rotatedAt, 5, 6);
  bytesOf(record.attempt, 8, 'attempt').copy(fixed, 11);
  bytesOf(record.secretHash, 16, 'secretHash').copy(fixed, 19);
  fixed.writeUIntBE(record.createdAt, 35, 6);
  fixed.writeUInt32BE(record.idleEnd / 1000, 41);
  fixed.writeUInt32BE(record.absoluteEnd / 1000, 45);
  const tail: Buffer[] = [fixed];
  if (record.generation > 0) tail.push(packGeneration(record.generation));
  if (spellsAuthTime) tail.push(uint32(record.authTime));
  tail.push(...record.amr.map(packMethod));
  return { session: Buffer.concat(tail), details: packDetails(record) };
}

/** @throws SessionFormatError when another version of Keyturn wrote it in a layout unknown here */
export function unpackSession(
  sub: string,
  sid: string,
  session: Buffer,
  details: Buffer | null,
  changes: StoredChanges = UNCHANGED,
): SessionRecord {
  const head = session[0] ?? 0;
  const format = head >> 4;
  if (format < FIRST_FORMAT || format > LAST_FORMAT || session.length < FIXED_LENGTH) {
    throw new SessionFormatError(
      `A stored session has format ${format}; this version reads ${FIRST_FORMAT} to ${LAST_FORMAT}.`,
    );
  }
  const createdAt = session.readUIntBE(35, 6);
  let at = FIXED_LENGTH;
  let generation = 0;
  if (head & HAS_GENERATION) {
    generation = session.readUInt8(at) * 2 ** 48 + session.readUIntBE(at + 1, 6);
    at += 7;
  }
  let authTime = Math.floor(createdAt / 1000);
  if (head & HAS_AUTH_TIME) {
    authTime = session.readUInt32BE(at);
    at += 4;
  }
  const { clientId, acr, act, read, mustInflate } = lateDetails(details);
  const known = {
    sid,
    sub,
    clientId,
    transport: head & BY_COOKIE ? ('cookie' as const) : ('body' as const),
    seq: session.readUInt32BE(1),
    rotatedAt: session.readUIntBE(5, 6),
    attempt: session.toString('base64url', 11, 19),
    secretHash: session.toString('base64url', 19, 35),
    persistent: !(head & IN_BROWSER),
    createdAt,
    authTime,
    amr: unpackMethods(session.subarray(at)),
    acr,
    act,
    idleEnd: session.readUInt32BE(41) * 1000,
    absoluteEnd: session.readUInt32BE(45) * 1000,
    generation,
    sessionClaims: changes.ofSession?.claims ?? undefined,
  };
  const readLatePart = (): LatePart => presentDetails(read(), createdAt, changes);
  return mustInflate ? LATE.onto(known, readLatePart) : Object.assign(known, readLatePart());
}

/** What the details tell. Where they have to be inflated, it is read when somebody asks for it. */
type LatePart = Pick<SessionRecord, 'device' | 'subjectClaims' | 'claimsAt'>;
const LATE = new LateMembers<LatePart>(['device', 'subjectClaims', 'claimsAt']);

/** The details with the claims as they are now. */
function presentDetails(
  { device, subjectClaims: claims, claimsAt: readAt }: LateDetails,
  createdAt: number,
  { ofSubject, ofSession }: StoredChanges,
): LatePart {
  const { subjectClaims, claimsAt } = presentClaims({ claims, claimsAt: readAt ?? createdAt }, ofSubject, ofSession);
  return { device, subjectClaims, claimsAt };
}

/** The bytes of a base64url text of a known length, refused in any other spelling: two spellings must not meet. */
export function bytesOf(text: string, length: number, name: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== length || bytes.toString('base64url') !== text) {
    throw new RangeError(`${name} must be ${length * 8} bits in base64url.`);
  }
  return bytes;
}

function packGeneration(generation: number): Buffer {
  const bytes = Buffer.alloc(7);
  bytes.writeUInt8(Math.floor(generation / 2 ** 48));
  bytes.writeUIntBE(generation % 2 ** 48, 1, 6);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function packMethod(method: string): Buffer {
  const code = AUTHENTICATION_METHODS.indexOf(method);
  if (code >= 0) return Buffer.of(code);
  const text = Buffer.from(method);
  if (text.length >= SPELLED_OUT) throw new RangeError(`An amr value must be under ${SPELLED_OUT} bytes.`);
  return Buffer.concat([Buffer.of(SPELLED_OUT + text.length), text]);
}

function unpackMethods(bytes: Buffer): string[] {
  const methods: string[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const code = bytes.readUInt8(at);
    if (code < SPELLED_OUT) methods.push(AUTHENTICATION_METHODS[code] ?? 'unknown');
    else methods.push(bytes.toString('utf8', at + 1, (at += code - SPELLED_OUT) + 1));
  }
  return methods;
}
