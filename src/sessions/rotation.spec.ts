import { decideRotation } from './rotation.js';
import type { PresentedToken, RotationDecision, RotationPolicy, RotationRequest } from './rotation.js';
import type { SessionRecord } from './session.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const ROTATED = 1_800_000_000_000;
const GRACE = 30_000;
const IDLE = 14 * DAY;

const record = (changes: Partial<SessionRecord> = {}): SessionRecord => ({
  sid: 'sid',
  sub: 'user',
  clientId: 'default',
  transport: 'body',
  seq: 5,
  rotatedAt: ROTATED,
  attempt: 'winner',
  secretHash: 'hash',
  createdAt: ROTATED - DAY,
  authTime: (ROTATED - DAY) / 1000,
  amr: ['pwd'],
  idleEnd: ROTATED + IDLE,
  absoluteEnd: ROTATED + 89 * DAY,
  generation: 7,
  persistent: true,
  claimsAt: ROTATED - DAY,
  device: {},
  ...changes,
});

interface Case {
  readonly record?: Partial<SessionRecord> | null;
  readonly token?: Partial<PresentedToken>;
  readonly request?: Partial<RotationRequest>;
  readonly policy?: Partial<RotationPolicy>;
  /** Milliseconds since the record was rotated. */
  readonly age?: number;
}

/** Unless a case says otherwise: the current token, by an attempt of its own, a minute after the rotation. */
const decide = (changed: Case): RotationDecision =>
  decideRotation(
    changed.record === null ? null : record(changed.record),
    { seq: 5, secretHash: 'hash', generation: 7, issuedAt: ROTATED, ...changed.token },
    { attempt: 'other', attemptTtl: DAY, generation: 7, ...changed.request },
    { grace: GRACE, idleTtl: IDLE, slides: true, ...changed.policy },
    ROTATED + (changed.age ?? 60_000),
  );

type Row = readonly [story: string, changed: Case, decision: RotationDecision];

const spent = { seq: 4, issuedAt: ROTATED - HOUR };
const strict = { grace: 0 };
const advanced: RotationDecision = { kind: 'advance', expectSeq: 5, nextSeq: 6 };
const replay = (age: number, sameAttempt = false): RotationDecision => ({ kind: 'replay', age, sameAttempt });
const reuse = (age: number, distance = 1): RotationDecision => ({ kind: 'reuse', distance, age });

describe('the rows of the rotation table', () => {
  test.each<Row>([
    ['a token without a record is gone', { record: null }, { kind: 'gone' }],
    ['a token with another secret is foreign', { token: { secretHash: 'x' } }, { kind: 'foreign' }],
    ['a subject that the host does not know', { request: { generation: null } }, { kind: 'unknown-subject' }],
    ['a token from before a raise of the generation', { request: { generation: 8 } }, { kind: 'outdated' }],
    ['a token whose generation is the newest known', { request: { generation: 6 } }, advanced],
    ['the current token advances by one', {}, advanced],
    ['the current token advances without sliding too', { policy: { slides: false } }, advanced],
    ['the current token by the attempt that made it', { request: { attempt: 'winner' } }, advanced],
    ['the predecessor within grace', { token: spent, age: 10_000 }, replay(10_000)],
    ['the predecessor after grace', { token: spent, age: 60_000 }, reuse(60_000)],
    ['a grandparent, however young', { token: { seq: 3 }, age: 0 }, reuse(0, 2)],
    ['a token from long ago', { token: { seq: 0 }, age: HOUR }, reuse(HOUR, 5)],
  ])('%s', (_story, changed, decision) => expect(decide(changed)).toEqual(decision));
});

describe('grace', () => {
  test.each<Row>([
    ['holds at its very last millisecond', { token: spent, age: GRACE }, replay(GRACE)],
    ['is over one millisecond later', { token: spent, age: GRACE + 1 }, reuse(GRACE + 1)],
    ['counts a negative age as none, as a replica may lag', { token: spent, age: -5_000 }, replay(0)],
    ['of 0 forgives nobody, at age 0 neither', { token: spent, policy: strict, age: 0 }, reuse(0)],
    ['of 0 forgives no negative age', { token: spent, policy: strict, age: -1 }, reuse(0)],
  ])('%s', (_story, changed, decision) => expect(decide(changed)).toEqual(decision));
});

describe('the attempt', () => {
  const same = { attempt: 'winner' };
  test.each<Row>([
    ['gets a lost answer hours later', { token: spent, request: same, age: 5 * HOUR }, replay(5 * HOUR, true)],
    ['is its own twin in strict mode', { token: spent, request: same, policy: strict, age: 0 }, replay(0, true)],
    [
      'gets it hours later in strict mode too',
      { token: spent, request: same, policy: strict, age: 5 * HOUR },
      replay(5 * HOUR, true),
    ],
    ['gets it at the last millisecond of its time', { token: spent, request: same, age: DAY }, replay(DAY, true)],
    ['gets nothing a millisecond later', { token: spent, request: same, age: DAY + 1 }, reuse(DAY + 1)],
    [
      'gets it within grace, however short its time is',
      { token: spent, request: { ...same, attemptTtl: 0 }, age: GRACE },
      replay(GRACE, true),
    ],
    [
      "of the service's own has no end but the session's",
      { token: spent, request: { ...same, attemptTtl: Infinity }, age: IDLE - 1 },
      replay(IDLE - 1, true),
    ],
    ['within grace is still told apart', { token: spent, request: same, age: 1 }, replay(1, true)],
    ['helps no longer once the successor was used', { token: { seq: 3 }, request: same, age: 1 }, reuse(1, 2)],
    ['does not outlive the session', { token: spent, request: same, age: IDLE }, { kind: 'over' }],
  ])('%s', (_story, changed, decision) => expect(decide(changed)).toEqual(decision));
});

describe('the ends', () => {
  const last = { absoluteEnd: ROTATED + DAY, idleEnd: ROTATED + DAY };
  test.each<Row>([
    ['a millisecond before the idle end all is well', { age: IDLE - 1 }, advanced],
    ['the idle end itself is too late', { age: IDLE }, { kind: 'over' }],
    ['a millisecond before the absolute end all is well', { record: last, age: DAY - 1 }, advanced],
    ['the absolute end itself is too late', { record: last, age: DAY }, { kind: 'over' }],
    [
      'the absolute end counts where the idle end were later',
      { record: { absoluteEnd: ROTATED + DAY }, age: DAY },
      { kind: 'over' },
    ],
  ])('%s', (_story, changed, decision) => expect(decide(changed)).toEqual(decision));
});

describe('a token ahead of a store that lost its last writes', () => {
  const ahead = { seq: 8, issuedAt: ROTATED + 10 * DAY };
  const adopted = (idleEnd: number | null, nextSeq = 9): RotationDecision => {
    return { kind: 'advance', expectSeq: 5, nextSeq, ahead: { idleEnd } };
  };
  test.each<Row>([
    [
      'is adopted, with the idle end that it proves',
      { token: ahead, age: 11 * DAY },
      adopted(ROTATED + 10 * DAY + IDLE),
    ],
    ['by one step as well', { token: { ...ahead, seq: 6 } }, adopted(ROTATED + 10 * DAY + IDLE, 7)],
    [
      'lives although the idle end in the record has passed',
      { token: ahead, age: 20 * DAY },
      adopted(ROTATED + 10 * DAY + IDLE),
    ],
    [
      'proves ends in whole seconds',
      { token: { ...ahead, issuedAt: ahead.issuedAt + 999 } },
      adopted(ROTATED + 24 * DAY),
    ],
    [
      'proves nothing past the absolute end',
      { token: ahead, record: { absoluteEnd: ROTATED + 12 * DAY }, age: 11 * DAY },
      adopted(ROTATED + 12 * DAY),
    ],
    [
      'takes nothing away that the record has gained since',
      { token: ahead, record: { idleEnd: ROTATED + 30 * DAY }, age: 25 * DAY },
      adopted(ROTATED + 30 * DAY),
    ],
    ['is over at the idle end that it proves', { token: ahead, age: 24 * DAY }, { kind: 'over' }],
    [
      'is over at the absolute end',
      { token: ahead, record: { absoluteEnd: ROTATED + 12 * DAY }, age: 12 * DAY },
      { kind: 'over' },
    ],
    [
      'heals no idle end where nothing slides',
      { token: ahead, policy: { slides: false }, age: 11 * DAY },
      adopted(null),
    ],
    [
      'is over at the record’s idle end where nothing slides',
      { token: ahead, policy: { slides: false }, age: IDLE },
      { kind: 'over' },
    ],
  ])('%s', (_story, changed, decision) => expect(decide(changed)).toEqual(decision));
});

describe('where several rows fit, the earlier one decides', () => {
  const everything = { token: { seq: 3, secretHash: 'x' }, request: { generation: null }, age: 90 * DAY };
  const genuine = { ...everything, token: { seq: 3 } };
  test.each<Row>([
    ['gone before all', { ...everything, record: null }, { kind: 'gone' }],
    ['foreign before the subject, so that a forger ends nothing', everything, { kind: 'foreign' }],
    ['unknown subject before over and reuse', genuine, { kind: 'unknown-subject' }],
    ['outdated before over and reuse', { ...genuine, request: { generation: 8 } }, { kind: 'outdated' }],
    ['outdated before ahead', { token: { seq: 8 }, request: { generation: 8 } }, { kind: 'outdated' }],
    ['over before reuse, as a dead session needs no alarm', { token: { seq: 3 }, age: 90 * DAY }, { kind: 'over' }],
    ['over before replay', { token: spent, record: { idleEnd: ROTATED + 10_000 }, age: 10_000 }, { kind: 'over' }],
    [
      'ahead before over, as lost writes had moved the idle end',
      { token: { seq: 6, issuedAt: ROTATED + 1000 }, age: IDLE },
      { kind: 'advance', expectSeq: 5, nextSeq: 7, ahead: { idleEnd: ROTATED + IDLE + 1000 } },
    ],
  ])('%s', (_story, changed, decision) => expect(decide(changed)).toEqual(decision));
});

test('the rule changes nothing it is given', () => {
  const frozen = Object.freeze(record());
  const policy = Object.freeze({ grace: GRACE, idleTtl: IDLE, slides: true });
  const token = Object.freeze({ seq: 8, secretHash: 'hash', generation: 7, issuedAt: ROTATED });
  const request = Object.freeze({ attempt: 'other', attemptTtl: DAY, generation: 7 });
  expect(() => decideRotation(frozen, token, request, policy, ROTATED)).not.toThrow();
});
