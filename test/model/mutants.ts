import { decideRotation } from '../../src/sessions/rotation.js';
import { intended } from './rules.js';
import type { Rules, Scenario } from './rules.js';
import { scenarios } from './scenarios.js';
import { advance, advanceIf, write } from './store.js';

/** A fault put back in, and where it shows. */
export interface Mutant {
  readonly name: string;
  readonly scenario: Scenario;
  /** The invariant, by its number in the protocol, that refuses it. */
  readonly killedBy: number;
  readonly changes: Partial<Rules>;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'grace stretched by moving rotatedAt',
    scenario: scenarios.tabs,
    killedBy: 2,
    changes: { onReplay: (record, now) => void (record.rotatedAt = now) },
  },
  {
    name: 'grace stretched by a field of its own',
    scenario: scenarios.tabs,
    killedBy: 9,
    changes: {
      onReplay: (record, now) => void (record.replayedAt = now),
      rotatedAt: ({ rotatedAt, replayedAt }) => (replayedAt > rotatedAt ? replayedAt : rotatedAt),
    },
  },
  {
    name: 'a grandparent accepted',
    scenario: scenarios.tabs,
    killedBy: 3,
    changes: {
      decide: (...asked) => {
        const decision = decideRotation(...asked);
        if (decision.kind !== 'reuse' || decision.distance !== 2 || decision.age > asked[3].grace) return decision;
        return { kind: 'replay', age: decision.age, sameAttempt: false };
      },
    },
  },
  {
    name: 'a replay that forks',
    scenario: scenarios.tabs,
    killedBy: 1,
    changes: {
      decide: (...asked) => {
        const decision = decideRotation(...asked);
        const seq = asked[0]?.seq ?? 0;
        return decision.kind === 'replay' ? { kind: 'advance', expectSeq: seq, nextSeq: seq + 1 } : decision;
      },
    },
  },
  {
    name: 'read-then-write',
    scenario: scenarios.tabs,
    killedBy: 1,
    changes: {
      advanceIsAtomic: false,
      advance: (world, command, scenario) => {
        if (!command.genuine || !world.recordOf(command.sid).live) return false;
        write(world, command, scenario);
        return true;
      },
    },
  },
  {
    name: 'a late write-back',
    scenario: { ...scenarios.tabs, tabs: 1, faults: 0, losses: 0 },
    killedBy: 10,
    changes: { extensionIsAtomic: false },
  },
  {
    name: 'revocation by seconds of iat',
    scenario: scenarios.password,
    killedBy: 5,
    changes: { tokenGeneration: (_session, iat) => iat, openGeneration: (_read, now) => now },
  },
  {
    name: 'ends left out of the compare',
    scenario: scenarios.tabs,
    killedBy: 6,
    changes: { advance: (...step) => advanceIf(...step, { ends: false, generation: true }) },
  },
  {
    name: 'generation left out of the compare',
    scenario: scenarios.storeOnly,
    killedBy: 5,
    changes: { advance: (...step) => advanceIf(...step, { ends: true, generation: false }) },
  },
  {
    name: 'loadSubject after the compare',
    scenario: scenarios.password,
    killedBy: 8,
    changes: { subjectLoadedFirst: false },
  },
  {
    name: 'generation read after the password check',
    scenario: scenarios.password,
    killedBy: 5,
    changes: { generationReadFirst: false },
  },
  {
    name: 'removal inside the script',
    scenario: scenarios.tabs,
    killedBy: 8,
    changes: {
      advance: (world, command, scenario) => {
        const record = world.recordOf(command.sid);
        if (record.live && command.genuine && record.seq - command.expectSeq >= 2) world.remove(record);
        return advance(world, command, scenario);
      },
    },
  },
  {
    name: 'exp = idle end',
    scenario: scenarios.tabs,
    killedBy: 2,
    changes: { tokenExp: (world, sid) => world.recordOf(sid).idleEnd },
  },
  {
    name: 'the attempt left out',
    scenario: scenarios.strict,
    killedBy: 8,
    changes: {
      decide: (record, token, request, ...rest) => decideRotation(record, token, { ...request, attempt: '' }, ...rest),
    },
  },
  {
    name: 'generation raised by increment',
    scenario: scenarios.storeOnly,
    killedBy: 2,
    changes: { raise: (noted) => noted + 1 },
  },

  // Not in the protocol's list: that no invariant is one nothing could break, and what this model found by itself.
  {
    name: 'a reuse answered, but its session left alive',
    scenario: scenarios.thief,
    killedBy: 4,
    changes: { endsOnReuse: false },
  },
  {
    name: 'a foreign token taken for a reused one',
    scenario: scenarios.tabs,
    killedBy: 7,
    changes: {
      decide: (...asked) => {
        const decision = decideRotation(...asked);
        return decision.kind === 'foreign' ? { kind: 'reuse', distance: 1, age: 0 } : decision;
      },
    },
  },
  {
    name: 'an access token not capped by the absolute end',
    scenario: scenarios.tabs,
    killedBy: 6,
    changes: { accessExp: (now) => now + 9 },
  },
  {
    name: 'a rotation that counts as a login',
    scenario: scenarios.tabs,
    killedBy: 6,
    changes: {
      advance: (world, command, scenario) => {
        const advanced = advance(world, command, scenario);
        if (advanced) world.recordOf(command.sid).authTime = world.now;
        return advanced;
      },
    },
  },
  {
    name: 'a token ahead of the store taken for a forged one',
    scenario: scenarios.rollback,
    killedBy: 2,
    changes: {
      decide: (...asked) => {
        const decision = decideRotation(...asked);
        return decision.kind === 'advance' && decision.ahead ? { kind: 'reuse', distance: -1, age: 0 } : decision;
      },
    },
  },
  {
    name: 'a token ahead of the store held to the idle end that the store remembers',
    scenario: { ...scenarios.rollback, tabs: 1 },
    killedBy: 2,
    changes: {
      decide: (...asked) => {
        const decision = decideRotation(...asked);
        const late = asked[0] !== null && asked[4] >= asked[0].idleEnd;
        return decision.kind === 'advance' && late ? { kind: 'over' } : decision;
      },
    },
  },
  {
    name: 'a token ahead of the store compared with a seq that the store does not have',
    scenario: { ...scenarios.rollback, tabs: 1 },
    killedBy: 11,
    changes: {
      decide: (...asked) => {
        const decision = decideRotation(...asked);
        return decision.kind === 'advance' && decision.ahead ? { ...decision, expectSeq: asked[1].seq } : decision;
      },
    },
  },
  {
    name: 'of two attempts of unknown outcome only the last remembered',
    scenario: scenarios.tabs,
    killedBy: 8,
    changes: { everyAttemptRemembered: false },
  },
  {
    name: 'the revocation list not asked again',
    scenario: { ...scenarios.logout, steals: 0 },
    killedBy: 5,
    changes: { listAskedAgain: false },
  },
  {
    name: 'a password change that removes the sessions of the new password too',
    scenario: scenarios.password,
    killedBy: 2,
    changes: { newSessionsSpared: false },
  },
];

export const rulesOf = (mutant: Mutant): Rules => ({ ...intended, ...mutant.changes });
