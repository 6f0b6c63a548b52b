import { hash } from 'node:crypto';
import type { SessionEndReason, SessionRecord } from '../../sessions/session.js';
import { REASON_STRENGTH } from '../../revocation/end-reasons.js';
import { readOwnClaims, readSubjectChange } from './claims-codec.js';
import { unpackSession, type StoredChanges } from './session-codec.js';
import type { Snapshot } from '../../sessions/token.repository.js';

// The hash of a subject: names to bytes, replies to records. The scripts tell its fields.

/** The letter a tombstone keeps for a reason. Part of the stored format. */
const REASON_LETTERS = {
  session_ended: 'e',
  session_revoked: 'r',
  session_replaced: 'p',
  token_reused: 'u',
} as const satisfies Record<SessionEndReason, string>;

/** How strong the reason of a letter is, see `isStronger`. */
export const LETTER_STRENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (Object.keys(REASON_LETTERS) as SessionEndReason[]).map((reason) => [
    REASON_LETTERS[reason],
    REASON_STRENGTH[reason],
  ]),
);

const SID_LENGTH = 16;
const DETAILS_MARK = 'd'.charCodeAt(0);
const CLAIMS_MARK = 'c'.charCodeAt(0);
const TOMBSTONE_MARK = 'x'.charCodeAt(0);

/** What every look at a session replies with. */
export type SnapshotReply = readonly [
  now: number,
  generation: number,
  session: Buffer | null,
  details: Buffer | null,
  reason: Buffer | null,
  ownClaims: Buffer | null | undefined,
  change: Buffer | null | undefined,
];

/**
 * The key of a subject's hash. Subjects come from outside and may hold any character, so they are hashed; from
 * UTF-16, because UTF-8 makes one and the same of all lone surrogates. The braces let other keys share the slot.
 */
export function subjectKey(prefix: string, sub: string): string {
  return `${prefix}{${digestOf(sub).toString('base64url')}}`;
}

/** The 16 bytes of a session id; of any other text, such as from a URL, 16 bytes that no session has. */
export function sidField(sid: string): Buffer {
  const bytes = Buffer.from(sid, 'base64url');
  if (bytes.length === SID_LENGTH && sidOf(bytes) === sid) return bytes;
  return digestOf(sid);
}

/** 16 bytes. In one call: a hash object of Node's costs twice as much. */
const digestOf = (text: string): Buffer => hash('sha256', Buffer.from(text, 'utf16le'), 'buffer').subarray(0, 16);

export const sidOf = (field: Buffer): string => field.toString('base64url', 0, SID_LENGTH);

export const reasonLetter = (reason: SessionEndReason): string => REASON_LETTERS[reason];

export const reasonOf = (letter: string): SessionEndReason | null =>
  (Object.keys(REASON_LETTERS) as SessionEndReason[]).find((reason) => REASON_LETTERS[reason] === letter) ?? null;

export function readSnapshot(sub: string, sid: string, reply: SnapshotReply): Snapshot {
  // A nil at the end of a reply is left out.
  const [now, generation, session, details, letter, ownClaims, change] = reply;
  const changes = readChanges(ownClaims ?? null, change ?? null, now);
  return {
    record: session && unpackSession(sub, sid, session, details, changes),
    ended: session || !letter ? null : reasonOf(letter.toString()),
    generation,
    claimsChangedAt: changes.ofSubject?.at ?? 0,
    now,
  };
}

export const readChanges = (ownClaims: Buffer | null, change: Buffer | null, now: number): StoredChanges => ({
  ofSubject: readSubjectChange(change, now),
  ofSession: readOwnClaims(ownClaims),
});

/** The sessions among the fields and values of a subject's hash. */
export function readSessions(sub: string, pairs: readonly Buffer[], now: number): SessionRecord[] {
  const entries = Array.from(
    { length: pairs.length / 2 },
    (_, index) => [pairs[index * 2]!, pairs[index * 2 + 1]!] as const,
  );
  const marked = (mark: number): Map<string, Buffer> =>
    new Map(
      entries
        .filter(([field]) => field.length === SID_LENGTH + 1 && field[SID_LENGTH] === mark)
        .map(([field, value]) => [sidOf(field), value]),
    );
  const [details, ownClaims] = [marked(DETAILS_MARK), marked(CLAIMS_MARK)];
  const change = entries.find(([field]) => field.length === 1 && field[0] === CLAIMS_MARK)?.[1] ?? null;
  return entries
    .filter(([field]) => field.length === SID_LENGTH)
    .map(([field, value]) => {
      const sid = sidOf(field);
      const changes = readChanges(ownClaims.get(sid) ?? null, change, now);
      return unpackSession(sub, sid, value, details.get(sid) ?? null, changes);
    });
}

/** Why sessions ended, by their ids, among the fields and values of a subject's hash. */
export function readTombstones(pairs: readonly Buffer[], now: number): Map<string, SessionEndReason> {
  const reasons = new Map<string, SessionEndReason>();
  for (let index = 0; index < pairs.length; index += 2) {
    const [field, value] = [pairs[index]!, pairs[index + 1]!];
    if (field.length !== SID_LENGTH + 1 || field[SID_LENGTH] !== TOMBSTONE_MARK || value.readUIntBE(0, 6) <= now)
      continue;
    const reason = reasonOf(value.toString('latin1', 6));
    if (reason !== null) reasons.set(sidOf(field), reason);
  }
  return reasons;
}
