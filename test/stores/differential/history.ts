import type { OpenCommand } from '../../../src/sessions/token.repository.js';
import type { SessionEndReason } from '../../../src/sessions/session.js';
import { HOSTILE_SUBJECTS } from '../../../src/testing/session-samples.js';
import { Random } from './random.js';

/** A session of a subject by number, or an id that no session has. */
export type Id = number | string;

/**
 * A step tells how it differs from what is there when it comes (`from: -1` is one below the record's `seq`), so that
 * it keeps its meaning when steps before it are left out. Times in milliseconds.
 */
export type Step =
  | {
      readonly do: 'open';
      readonly who: number;
      readonly id: number;
      readonly secret: number;
      /** To be added to the noted generation; null: none is given. */
      readonly generation: number | null;
      readonly login: Pick<OpenCommand, 'idleTtl' | 'absoluteTtl' | 'maxSessions'> & Partial<OpenCommand>;
      readonly replaces: Id | null;
    }
  | {
      readonly do: 'advance';
      readonly who: number;
      readonly id: Id;
      readonly secret: number;
      readonly generation: number;
      readonly from: number;
      readonly by: number;
      readonly attempt: number;
      readonly idleTtl: number | null;
      readonly heal: number | null;
    }
  | {
      readonly do: 'extend';
      readonly who: number;
      readonly id: Id;
      readonly generation: number;
      readonly idleTtl: number;
    }
  | {
      readonly do: 'end';
      readonly who: number;
      readonly ids: readonly Id[];
      readonly reason: SessionEndReason;
      readonly retention: number;
    }
  | {
      readonly do: 'end-below';
      readonly who: number;
      readonly by: number;
      readonly reason: SessionEndReason;
      readonly retention: number;
    }
  | { readonly do: 'raise'; readonly who: number; readonly by: number; readonly keep: number }
  | { readonly do: 'find'; readonly who: number; readonly id: Id }
  /** The last writing command once more, as a client sends it whose connection was cut. */
  | { readonly do: 'resend' }
  | { readonly do: 'pass'; readonly who: number; readonly milliseconds: number }
  /** To a moment that some command before has set, or just beside it. */
  | { readonly do: 'pass-to'; readonly who: number; readonly moment: number; readonly beside: number };

export const SUBJECTS = 3;
export const SESSIONS = 4;
const STRANGE_IDS = ['', '*', '__proto__', 'constructor', 'x'.repeat(300), 'AAAAAAAAAAAAAAAAAAAAAA=', '\ud800'];
const TTLS = [1, 500, 1_000, 1_500, 2_000, 7_000, 20_000];
const KEPT = [0, 1, 999, 1_000, 5_000, 30_000];
const REASONS = ['session_ended', 'session_revoked', 'session_replaced', 'token_reused'] as const;
const LOGINS: readonly Partial<OpenCommand>[] = [
  {},
  { clientId: 'web', transport: 'cookie', amr: ['pwd', 'otp', 'x-badge'], authTime: 1_700_000_000 },
  { device: { name: 'phone', userAgent: '"\\\u2028\ud800', ip: '2001:db8::1' }, amr: [] },
  { subjectClaims: { roles: ['a', null, { deep: [1.5] }], ['__proto__x']: true }, device: { ip: 'not an address' } },
  { persistent: false, acr: 'silver', act: { sub: 'eve', generation: 3 }, sessionClaims: { tenant: 7 } },
  { subjectClaims: { roles: [] }, claimsAt: 1_700_000_000_000, sessionClaims: { tenant: 'x'.repeat(200) } },
];

/** The subjects of a history: hostile ones among them. */
export const subjectsOf = (seed: number): string[] =>
  Array.from({ length: SUBJECTS }, (_, who) => HOSTILE_SUBJECTS[(seed + who * 5) % HOSTILE_SUBJECTS.length]![1]);

/** The same seed gives the same history. */
export function randomHistory(seed: number, length: number): Step[] {
  const random = new Random(seed);
  return Array.from({ length }, () => randomStep(random));
}

function randomStep(random: Random): Step {
  const who = random.below(SUBJECTS);
  const id = random.below(SESSIONS);
  const anyId: Id = random.mostly<Id>(0.9, id, STRANGE_IDS);
  const secret = random.mostly(0.9, 0, [1]);
  switch (random.of(WEIGHTED)) {
    case 'open': {
      const ends = { idleTtl: random.of(TTLS), absoluteTtl: random.of(TTLS), maxSessions: 1 + random.below(SESSIONS) };
      const generation = random.mostly(0.6, null, [-1, 0, 1]);
      const replaces = random.mostly<Id | null>(0.7, null, [0, 1, 2, 3, ...STRANGE_IDS]);
      return { do: 'open', who, id, secret, generation, login: { ...random.of(LOGINS), ...ends }, replaces };
    }
    case 'advance': {
      const [generation, from] = [random.mostly(0.7, 0, [-1, 1]), random.mostly(0.8, 0, [-1, 1])];
      const [by, attempt] = [random.mostly(0.8, 1, [0, 2, 7]), random.below(5)];
      const [idleTtl, heal] = [random.mostly(0.3, null, TTLS), random.mostly(0.7, null, [-2, 0, 1, 5, 90])];
      return { do: 'advance', who, id: anyId, secret, generation, from, by, attempt, idleTtl, heal };
    }
    case 'extend':
      return { do: 'extend', who, id: anyId, generation: random.mostly(0.7, 0, [-1, 1]), idleTtl: random.of(TTLS) };
    case 'end': {
      const ids = random.mostly<readonly Id[]>(0.6, [anyId], [[], [id, anyId], [anyId, id, (id + 1) % SESSIONS]]);
      return { do: 'end', who, ids, reason: random.of(REASONS), retention: random.of(KEPT) };
    }
    case 'end-below':
      return {
        do: 'end-below',
        who,
        by: random.of([0, 0, 1, -1]),
        reason: random.of(REASONS),
        retention: random.of(KEPT),
      };
    case 'raise':
      return { do: 'raise', who, by: random.of([-1, 0, 1, 1, 2 ** 45]), keep: random.of(KEPT) };
    case 'find':
      return { do: 'find', who, id: anyId };
    case 'resend':
      return { do: 'resend' };
    case 'pass':
      return { do: 'pass', who, milliseconds: random.of([1, 999, 1_000, 2_500]) };
    case 'pass-to':
      return { do: 'pass-to', who, moment: random.below(8), beside: random.of([-1, 0, 1]) };
  }
}

const WEIGHTS = {
  open: 8,
  advance: 10,
  extend: 5,
  end: 4,
  'end-below': 2,
  raise: 3,
  find: 2,
  resend: 3,
  pass: 2,
  'pass-to': 3,
} as const;
const WEIGHTED = (Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]).flatMap((kind) =>
  Array<typeof kind>(WEIGHTS[kind]).fill(kind),
);
