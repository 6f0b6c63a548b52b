import { after, changesNothing, opened, withLosses } from './session-rule.mjs';

/** How many different situations are tried before the search gives up, which counts as a failure. */
const MOST_SITUATIONS = 200_000;

/**
 * Whether the operations on one session can have happened one at a time: each at some moment between its call and its
 * answer, in an order that the rule of `session-rule.mjs` allows (Wing and Gong 1993, with Lowe's memory of situations
 * already seen). An operation without an answer may have happened at any moment after its call, or not at all.
 * @param history `{ operations, incidents, policy, openedAt }` of one session
 * @returns {string | null} what cannot be explained, or null
 */
export function explain({ operations, incidents = [], policy, openedAt = 0 }) {
  const answered = operations.filter(({ outcome }) => outcome !== 'unknown').toSorted((a, b) => a.asked - b.asked);
  const open = distinct(operations.filter(({ outcome }) => outcome === 'unknown'));
  const seen = new Set();
  const stack = [{ first: 0, done: new Set(), state: opened(openedAt) }];
  let furthest = 0;
  while (stack.length > 0) {
    const situation = stack.pop();
    if (situation.first === answered.length) return null;
    const key = keyOf(situation);
    if (seen.has(key)) continue;
    if (seen.size >= MOST_SITUATIONS) return `not decided in ${MOST_SITUATIONS} situations`;
    seen.add(key);
    furthest = Math.max(furthest, situation.first);
    // The likeliest last, as the stack gives it first: what was answered, in the order of the calls.
    stack.push(...situationsAfter(situation, answered, open, incidents, policy).toReversed());
  }
  return `no order explains ${told(answered[furthest])}, after ${answered
    .slice(Math.max(0, furthest - 4), furthest)
    .map(told)
    .join(', ')}`;
}

function situationsAfter({ first, done, state }, answered, open, incidents, policy) {
  const next = [];
  let latest = Infinity;
  for (let index = first; index < answered.length; index += 1) {
    const operation = answered[index];
    if (operation.asked > latest) break;
    if (done.has(index)) continue;
    latest = Math.min(latest, operation.answered);
    for (const left of stepsOf(state, operation, incidents, policy)) {
      // One that changes nothing can as well come now: no other order explains more.
      if (isSame(left, state)) return [{ ...withDone(first, done, index), state }];
      next.push({ ...withDone(first, done, index), state: left });
    }
  }
  for (const operation of open) {
    if (operation.asked > latest) break;
    if (incidents.length === 0 && changesNothing(state, operation)) continue;
    for (const left of stepsOf(state, operation, incidents, policy)) next.push({ first, done, state: left });
  }
  return next;
}

const stepsOf = (state, operation, incidents, policy) =>
  withLosses(state, operation, incidents).flatMap((before) => after(before, operation, policy));

function withDone(first, done, index) {
  if (index !== first) return { first, done: new Set([...done, index]) };
  const left = new Set(done);
  let at = first + 1;
  while (left.delete(at)) at += 1;
  return { first: at, done: left };
}

/** Of unanswered operations that would do the same, the earliest can stand for all. */
function distinct(operations) {
  const kept = new Map();
  for (const operation of operations.toSorted((a, b) => a.asked - b.asked)) {
    const { kind, seq, attempt, reason } = operation;
    const key = JSON.stringify([kind, seq, attempt, reason]);
    const earlier = kept.get(key);
    if (earlier) earlier.gaveUp = Math.max(earlier.gaveUp, operation.gaveUp);
    else kept.set(key, { ...operation });
  }
  return [...kept.values()];
}

const isSame = (one, other) => keyOfState({ ...one, now: 0 }) === keyOfState({ ...other, now: 0 });

const keyOfState = (state) => String(Object.values(state));

const keyOf = ({ first, done, state }) => `${first}|${[...done].toSorted((a, b) => a - b)}|${keyOfState(state)}`;

const told = ({ kind, seq, nextSeq, outcome, code, reason, by, asked, answered }) =>
  kind === 'refresh'
    ? `refresh ${seq} → ${outcome === 'ok' ? nextSeq : code} [${Math.round(asked)}, ${Math.round(answered)}]`
    : `${kind} ${reason ?? by} [${Math.round(asked)}, ${Math.round(answered)}]`;
