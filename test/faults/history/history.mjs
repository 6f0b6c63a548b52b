import { explain } from './linearizable.mjs';

export const GRACE = 30_000;
const FOREVER = Number.MAX_SAFE_INTEGER;
/** Answers of a store that cannot say what happened, and no answer at all. */
const UNKNOWN = [0, 503];

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());

/**
 * All that clients asked of sessions and were answered, as they saw it: by each session a list of operations with the
 * moments of call and answer. `check()` holds it against the rule of a single session that does one thing at a time.
 */
export class History {
  sessions = new Map();
  incidents = [];

  /** @param clock milliseconds, the same for all processes; tests pass their own */
  constructor(clock = () => performance.timeOrigin + performance.now()) {
    this.clock = clock;
  }

  /**
   * A refresh is asked.
   * @param at the name of the instance
   * @returns what notes the answer `{ status, code, refreshToken }`; without it the outcome stays unknown
   */
  refresh(token, { key, at, grace = GRACE }) {
    const { sub, sid, seq } = claimsOf(token);
    const session = this.sessionOf(sub, sid);
    session.policy.grace = grace;
    const attempt = key === undefined ? `memory:${at}` : `key:${key}`;
    const operation = this.begin(session, { kind: 'refresh', seq, attempt, at });
    return ({ status, code, refreshToken }) => {
      const now = this.clock();
      if (UNKNOWN.includes(status)) Object.assign(operation, { gaveUp: now });
      else if (status === 200) {
        const settled = key === undefined ? { attempt: null } : {};
        const next = { next: refreshToken, nextSeq: claimsOf(refreshToken).seq };
        Object.assign(operation, { outcome: 'ok', answered: now, ...next, ...settled });
      } else Object.assign(operation, { outcome: 'refused', answered: now, code });
    };
  }

  /**
   * Somebody ends a session, or without `sid` all that are known of a user.
   * @returns what notes whether it was acknowledged
   */
  end(sub, sid, reason = 'session_revoked') {
    const sids =
      sid === undefined ? [...this.sessions].filter(([, { sub: of }]) => of === sub).map(([id]) => id) : [sid];
    const begun = sids.map((id) => this.begin(this.sessionOf(sub, id), { kind: 'end', reason }));
    return (acknowledged) => {
      const now = this.clock();
      for (const operation of begun) {
        Object.assign(operation, acknowledged ? { outcome: 'done', answered: now } : { gaveUp: now });
      }
    };
  }

  /** A session is there from now on, whatever is asked of it later. */
  opened(token) {
    const { sub, sid } = claimsOf(token);
    this.sessionOf(sub, sid);
  }

  endByToken(token) {
    const { sub, sid } = claimsOf(token);
    return this.end(sub, sid);
  }

  /** Time that passes for one session alone, by a clock that a test sets. */
  wait(sub, sid, by) {
    const operation = this.begin(this.sessionOf(sub, sid), { kind: 'wait', by });
    return () => Object.assign(operation, { outcome: 'done', answered: this.clock() });
  }

  /**
   * The store goes back to what it held at `since`, at some moment until `settle` is called.
   * @param remembered whether an instance lives on that knows what was ended
   * @returns what notes that it is over
   */
  losesWrites({ since = this.clock(), remembered = true } = {}) {
    return this.incident({ since, remembered });
  }

  /** The store loses everything, at some moment until the function that this gives is called. */
  losesAll() {
    return this.incident({ all: true });
  }

  incident(facts) {
    const incident = { id: this.incidents.length, from: this.clock(), until: FOREVER, ...facts };
    this.incidents.push(incident);
    return () => Object.assign(incident, { until: this.clock() });
  }

  sessionOf(sub, sid) {
    if (!this.sessions.has(sid)) {
      const policy = { grace: GRACE, attemptTtl: FOREVER };
      this.sessions.set(sid, { sub, operations: [], openedAt: this.clock(), policy });
    }
    return this.sessions.get(sid);
  }

  /** What is asked from now on is not written down; what was asked is still checked. */
  close() {
    this.isClosed = true;
  }

  begin(session, operation) {
    const begun = { outcome: 'unknown', asked: this.clock(), answered: Infinity, gaveUp: Infinity, ...operation };
    if (!this.isClosed) session.operations.push(begun);
    return begun;
  }

  /** What another process has written down. */
  take(sessions) {
    for (const [sid, { sub, operations }] of sessions) this.sessionOf(sub, sid).operations.push(...operations);
  }

  /** How many operations there are. */
  get size() {
    return [...this.sessions.values()].reduce((sum, { operations }) => sum + operations.length, 0);
  }

  /** @returns {string[]} for each session that no order explains, what is wrong with it */
  check() {
    return [...this.sessions].flatMap(([sid, session]) => {
      // What was over before the session was opened has nothing to do with it.
      const concerned = this.incidents.filter(({ until }) => until >= session.openedAt);
      const incidents = concerned.map((incident) => ({ ...incident, ...lossFor(session, incident) }));
      const wrong = explain({ ...session, incidents });
      return wrong === null ? [] : [`session ${sid}: ${wrong}`];
    });
  }
}

/** What a loss can do to one session: numbers that were answered before it are safe. */
function lossFor({ operations, openedAt }, { all, since }) {
  if (all) return { floor: null };
  const safe = operations.filter(({ outcome, answered }) => outcome === 'ok' && answered < since);
  return { floor: Math.max(0, ...safe.map(({ nextSeq }) => nextSeq)), mayBeGone: openedAt >= since };
}
