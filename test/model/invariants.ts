import type { Scenario } from './rules.js';
import type { Seen } from './seen.js';
import { SECOND } from './accounts.js';
import type { World } from './world.js';

// Looked up once: inside Jest's sandbox each look-up of a global costs more than the step it serves.
const { min } = Math;

/** What one step is judged by: the world before it and after it, and what was seen in between. */
export interface Step {
  readonly before: World;
  readonly after: World;
  readonly seen: Seen;
  readonly scenario: Scenario;
}

export interface Invariant {
  /** As numbered in the protocol; above 10: what else must hold. */
  readonly number: number;
  readonly says: string;
  readonly holds: (step: Step) => boolean;
}

const within = (grace: number, age: number): boolean => grace > 0 && age <= grace;

/** By its own knowledge of the first use, not by what the record says. */
function sinceFirstUse({ before, seen, scenario }: Step) {
  const use = before.useOf(seen.sid, seen.seq);
  const age = before.now - use.at;
  const ownAttempt = use.attempt === seen.attempt && age <= scenario.attemptTtl;
  return { used: use.at > 0, inGrace: within(scenario.grace, age), ownAttempt, iat: use.at, exp: use.exp };
}

/** Whether the rule had a session in its hands that nothing but the token's use could end. */
function aliveAndWell({ before, seen }: Step): boolean {
  const session = before.sessionOf(seen.sid);
  return !session.cause && before.now < session.idleEnd && before.now < session.absoluteEnd;
}

export const invariants: readonly Invariant[] = [
  {
    number: 1,
    says: 'absent a rollback exactly one seq can advance; after one, those since the snapshot, until the highest is used',
    holds: ({ before, seen }) => {
      if (!seen.advanced) return true;
      const { top, snapshotSeq, healed } = before.sessionOf(seen.sid);
      if (!before.globals.rolledBack || healed) return seen.seq === top;
      return seen.seq >= snapshotSeq && seen.seq <= top;
    },
  },
  {
    number: 2,
    says: 'honest refreshes of one token within grace, its successor unused, get the same successor; the session lives',
    holds: (step) => {
      const { before, seen, scenario } = step;
      const { verdict, answer } = seen;
      const { top, stolen } = before.sessionOf(seen.sid);
      const first = sinceFirstUse(step);
      const due = top === seen.seq || (top === seen.seq + 1 && first.used && first.inGrace);
      if (!verdict || verdict === 'advance' || stolen || !due || !aliveAndWell(step)) return true;
      if (before.globals.rolledBack) {
        // An idle end that lost writes had moved is lost with them, but for what the token itself tells.
        const over =
          verdict === 'over' &&
          before.now >= before.recordOf(seen.sid).idleEnd &&
          (seen.seq < top || before.now >= seen.iat + scenario.idle);
        return over || (verdict === 'success' && answer.seq === seen.seq + 1);
      }
      if (verdict !== 'success' || answer.seq !== seen.seq + 1) return false;
      return !first.used || (answer.iat === first.iat && answer.exp === first.exp);
    },
  },
  {
    number: 3,
    says: 'absent a rollback, a token two or more steps old ends the session',
    holds: (step) => {
      const { before, after, seen } = step;
      if (before.globals.rolledBack || before.sessionOf(seen.sid).top - seen.seq < 2) return true;
      if (seen.refused === 'token_reused') return !after.recordOf(seen.sid).live;
      return seen.verdict !== 'success' && seen.verdict !== 'advance';
    },
  },
  {
    number: 4,
    says: 'absent a rollback, two uses of a token more than grace apart, by different attempts or too late for one, end it',
    holds: (step) => {
      const { before, after, seen } = step;
      const first = sinceFirstUse(step);
      if (before.globals.rolledBack || !first.used || first.inGrace || first.ownAttempt) return true;
      if (seen.refused === 'token_reused') return !after.recordOf(seen.sid).live;
      return !seen.verdict || !aliveAndWell(step) || seen.verdict === 'reuse';
    },
  },
  {
    number: 5,
    says: 'after a revocation is acknowledged nothing of it succeeds; with a rollback: if durable, or remembered',
    holds: ({ before, after, seen, scenario }) => {
      // After a rollback a late login may still be written, but then its session is as dead as those before it.
      if (seen.openedByOldPassword && after.sessionOf(SECOND).acked) return before.globals.rolledBack === 1;
      const session = before.sessionOf(seen.sid);
      if (seen.verdict !== 'success' || !session.acked) return true;
      const { globals } = before;
      const remembered = session.heard === 1 || globals.heardGeneration > session.generation;
      // What was under way at the time is refused at its next use: its tokens are of the old generation.
      const durable = seen.late && scenario.loadSubject && globals.durable > session.generation;
      return globals.rolledBack === 1 && !remembered && !durable;
    },
  },
  {
    number: 6,
    says: 'every exp is at most the absolute end, nothing is issued at or past an end, auth_time is that of the login',
    holds: ({ before, seen }) => {
      if (seen.verdict !== 'success') return true;
      const { absoluteEnd, idleEnd, loginAt } = before.sessionOf(seen.sid);
      const { exp, accessExp, authTime } = seen.answer;
      return (
        exp <= absoluteEnd && accessExp <= absoluteEnd && before.now < min(absoluteEnd, idleEnd) && authTime === loginAt
      );
    },
  },
  {
    number: 7,
    says: 'a foreign token changes nothing',
    holds: ({ before, after, seen }) => !seen.forged || after.sameStore(before),
  },
  {
    number: 8,
    says: 'a fault of the store never answers 401, nor leads to a later theft alarm',
    holds: ({ after, seen }) => {
      const blamed = seen.refused !== undefined || seen.verdict === 'reuse';
      return !blamed || after.sessionOf(seen.sid).cause === 1;
    },
  },
  {
    number: 9,
    says: 'absent a rollback, no seq succeeds later than grace after its first success, but for its own attempt in its time',
    holds: (step) => {
      const { before, seen } = step;
      const first = sinceFirstUse(step);
      if (seen.verdict !== 'success' || before.globals.rolledBack || !first.used) return true;
      return first.inGrace || first.ownAttempt;
    },
  },
  {
    number: 10,
    says: 'the store is found behind a token only after a rollback',
    holds: ({ before, seen }) => !seen.ahead || before.globals.rolledBack === 1,
  },
  {
    number: 11,
    says: 'an advance that was decided can be done, so that a refresh which nobody disturbs is settled',
    holds: ({ seen }) => !seen.futile,
  },
];

const NONE: readonly Invariant[] = [];

/** The invariants that a step breaks. */
export function broken(step: Step): readonly Invariant[] {
  for (const { holds } of invariants) if (!holds(step)) return invariants.filter((each) => !each.holds(step));
  return NONE;
}
