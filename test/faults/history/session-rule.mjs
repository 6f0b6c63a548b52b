/*
 * What a session may answer, one operation at a time: the sequential specification that histories are held against.
 * Written from docs/reliability.md and the promises of the rotation alone; it shares no code with src.
 *
 * A state is a plain object:
 *   low, high  the number of the stored session lies between them; they are equal unless the store may have gone back
 *   next       the token that was handed out for number `high`, if it is known
 *   rotated    [earliest, latest] moment of the last rotation, milliseconds
 *   attempt    what the last rotation was asked by: `key:…`, `memory:…` of an instance that lost the answer, or null
 *   ended      null, or the reason
 *   now        the earliest moment at which the next operation can take effect
 */

/** Milliseconds by which the clocks of the store and of this process may be read apart. */
const SLACK = 50;
/** How long after its end an unanswered request may still end a session; an advance may come later than that. */
const ENDS_LATE = 15_000;
const STRENGTH = { session_ended: 0, session_revoked: 1, token_reused: 2 };

export const opened = (now) => ({
  low: 0,
  high: 0,
  next: null,
  rotated: [-Infinity, -Infinity],
  attempt: null,
  ended: null,
  now,
});

/** @returns {object[]} the states that `operation` may leave; none if its answer contradicts the state */
export function after(state, operation, policy) {
  const moment = [Math.max(state.now, operation.asked), operation.answered];
  const at = { ...state, now: moment[0], rotated: [state.rotated[0], Math.min(state.rotated[1], moment[1])] };
  if (operation.kind === 'end') return [{ ...at, ended: stronger(at.ended, operation.reason) }];
  if (operation.kind === 'wait') return [{ ...at, rotated: at.rotated.map((time) => time - operation.by) }];
  return refreshed(at, operation, moment, policy);
}

/** Whether an unanswered operation cannot matter to a store that loses nothing: quicker than to ask for its outcome. */
export const changesNothing = ({ ended, low, high, now }, { kind, seq, gaveUp }) =>
  kind === 'refresh' && (ended !== null || seq > high || (seq < low && now > gaveUp + ENDS_LATE));

function refreshed(state, operation, moment, policy) {
  const { outcome, code } = operation;
  if (state.ended) return outcome === 'refused' && tells(state.ended, code) ? [state] : [];
  const states = [];
  if (outcome !== 'refused') states.push(...advanced(state, operation, moment));
  if (outcome === 'ok') states.push(...replayed(state, operation, moment, policy));
  if (mayBeReuse(state, operation, moment, policy)) states.push({ ...state, ended: 'token_reused' });
  return states;
}

/** The owner is told why, or only that it is over: the reason is kept by best effort. */
const tells = (reason, code) => code === reason || code === 'session_ended';

function advanced(state, { seq, next, nextSeq, outcome, attempt }, moment) {
  if (seq < state.low || seq > state.high) return [];
  if (outcome === 'ok' && nextSeq !== seq + 1) return [];
  return [{ ...state, low: seq + 1, high: seq + 1, next: next ?? null, rotated: moment, attempt }];
}

function replayed(state, { seq, next, nextSeq, attempt, at }, moment, policy) {
  const number = seq + 1;
  if (number < state.low || number > state.high || nextSeq !== number) return [];
  if (number === state.high && state.next !== null && state.next !== next) return [];
  if (!inGrace(state, moment, policy) && !sameAttempt(state, attempt, at, moment, policy)) return [];
  return [{ ...state, low: number, high: number, next }];
}

const inGrace = ({ rotated }, [earliest], { grace }) => grace > 0 && earliest - rotated[1] <= grace + SLACK;

/** An instance that never learned the outcome of an attempt uses it again; so does a client with its key. */
function sameAttempt(state, attempt, at, [earliest], { attemptTtl }) {
  const isSame = state.attempt !== null && (state.attempt === attempt || state.attempt === `memory:${at}`);
  return (isSame || state.attempt === 'any') && earliest - state.rotated[1] <= attemptTtl + SLACK;
}

function mayBeReuse(state, operation, moment, policy) {
  const { outcome, code, seq, attempt, answered, gaveUp } = operation;
  if (outcome === 'ok' || (outcome === 'refused' && code !== 'token_reused')) return false;
  if (outcome === 'unknown' && state.now > gaveUp + ENDS_LATE) return false;
  if (state.high >= seq + 2) return true;
  if (state.high !== seq + 1) return false;
  const pastGrace = policy.grace === 0 || answered - state.rotated[0] > policy.grace - SLACK;
  const otherAttempt = state.attempt === null || !state.attempt.startsWith('key:') || state.attempt !== attempt;
  return pastGrace && (otherAttempt || answered - state.rotated[0] > policy.attemptTtl - SLACK);
}

const stronger = (one, other) => (one !== null && STRENGTH[one] > STRENGTH[other] ? one : other);

/**
 * The store lost writes, or everything, at a moment in `[from, until]`.
 * @param incident `{ from, until, floor }`: `floor` is the number that no loss can undercut, or null if all was lost;
 *   `remembered`: whether an instance lives on that knows which sessions were ended; `mayBeGone`: whether the session is
 *   so young that its opening may be lost
 * @returns {object[]} the states before the operation that happens in `[earliest, latest]`
 */
export function withLosses(state, operation, incidents) {
  const [earliest, latest] = [Math.max(state.now, operation.asked), operation.answered];
  let states = [state];
  for (const incident of incidents) {
    const { from, until } = incident;
    // An unanswered operation may come at any time: the losses are then those of what comes after it.
    if (earliest < from && (latest === Infinity || latest < from)) continue;
    if (state.seen?.includes(incident.id)) continue;
    const isOver = earliest > until;
    states = states.flatMap((before) => lost(before, incident, isOver));
  }
  return states;
}

function lost(state, incident, isOver) {
  const seen = isOver ? [...(state.seen ?? []), incident.id] : state.seen;
  if (incident.floor === null) {
    const wiped = { ...state, seen, ended: state.ended ?? 'session_ended' };
    return isOver || state.ended ? [wiped] : [{ ...state, seen }, wiped];
  }
  const wider = {
    ...state,
    seen,
    low: Math.min(state.low, incident.floor),
    next: null,
    rotated: [-Infinity, state.rotated[1]],
    attempt: 'any',
  };
  const states = [wider];
  if (state.ended !== null && !incident.remembered) states.push({ ...wider, ended: null });
  if (state.ended === null && incident.mayBeGone) states.push({ ...wider, ended: 'session_ended' });
  return states;
}
