import { randomBytes } from 'node:crypto';
import type { AdvanceCommand, OpenCommand, SessionRecord } from '../index.js';

export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** Down to the second, as stores keep the ends of sessions. */
export const wholeSecond = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;

const random = (bits: number): string => randomBytes(bits / 8).toString('base64url');

export const randomSid = (): string => random(128);
export const randomAttempt = (): string => random(64);
export const randomSubject = (): string => `user-${random(96)}`;

/** A login of a fresh subject: idle after an hour, over after a day. */
export function login(changes: Partial<OpenCommand> = {}): OpenCommand {
  return {
    sub: randomSubject(),
    sid: randomSid(),
    clientId: 'default',
    transport: 'body',
    secretHash: random(128),
    attempt: randomAttempt(),
    authTime: null,
    amr: ['pwd'],
    generation: null,
    idleTtl: 60 * MINUTE,
    absoluteTtl: DAY,
    persistent: true,
    claimsAt: null,
    device: {},
    maxSessions: 20,
    ...changes,
  };
}

type HeldToken = Pick<SessionRecord, 'sub' | 'sid' | 'secretHash' | 'generation' | 'seq'>;

/** The rotation of the token that a record's client holds. */
export function rotationOf(record: HeldToken, changes: Partial<AdvanceCommand> = {}): AdvanceCommand {
  const { sub, sid, secretHash, generation, seq } = record;
  const step = { expectSeq: seq, nextSeq: seq + 1, attempt: randomAttempt() };
  return {
    sub,
    sid,
    secretHash,
    generation,
    ...step,
    idleTtl: 60 * MINUTE,
    healedIdleEnd: null,
    claimsAt: null,
    ...changes,
  };
}

/** Ids that break keys, patterns, hash slots or objects where they are not kept apart from syntax. */
export const HOSTILE_SUBJECTS: readonly (readonly [name: string, sub: string])[] = [
  ['a pattern', '*'],
  ['a hash tag', '{x}'],
  ['an empty hash tag', '{}'],
  ['a key path', 'a:b'],
  ['line breaks', 'a\r\nDEL b\r\n'],
  ['a NUL', 'a\0b'],
  ['nothing', ''],
  ['the prototype', '__proto__'],
  ['a method of objects', 'constructor'],
  ['half a character', '\ud800'],
  ['the other half', '\udc00'],
  ['an emoji', '👩‍👩‍👧'],
  ['10 kB', 'x'.repeat(10_000)],
  ['10 kB and one', 'x'.repeat(10_001)],
];
