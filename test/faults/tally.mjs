import { History } from './history/history.mjs';

/** What a row counts. Answers: `{ status, code, retryAfter, took }`; status 0 is an answer that never came. */
export class Tally {
  attempts = 0;
  /** Honest clients that must log in again though they retried as told. */
  lost = 0;
  /** Tokens with two live successors. */
  forks = 0;
  /** Dead tokens that were accepted. */
  unsafe = 0;
  /** Theft alarms while only honest clients were about. */
  alarms = 0;
  /** Sessions whose answers no order of what happened can explain. */
  unexplained = 0;
  /** What clients asked and were answered. */
  history = new History();
  /** Answers that no fault of the store may cause: 500, 400, a 503 without Retry-After. */
  odd = 0;
  /** Milliseconds of the longest answer, any status. */
  longest = 0;
  rollbacks = 0;
  statuses = new Map();
  examples = [];
  /** Sessions of which a thief has used a token. */
  stolen = new Set();
  /** From now on stolen tokens are tried on purpose: an alarm is what they must raise. */
  auditing = false;

  note({ status, code, retryAfter, took }) {
    this.attempts += 1;
    this.longest = Math.max(this.longest, took);
    const name = code ? `${status} ${code}` : String(status);
    this.statuses.set(name, (this.statuses.get(name) ?? 0) + 1);
    const expected =
      status === 200 || status === 204 || status === 401 || status === 0 || (status === 503 && retryAfter > 0);
    if (!expected) this.count('odd', `answered ${name}, Retry-After ${retryAfter}`);
  }

  /** Once all is over. */
  checkHistory() {
    for (const wrong of this.history.check()) this.count('unexplained', wrong);
  }

  /** Counts what must not be, and keeps the first three to tell. */
  count(what, example) {
    this[what] += 1;
    if (this[what] <= 3) this.examples.push(`${what}: ${example}`);
  }

  /** @param event of AuthEvents, of an instance here or in another process */
  hear(event) {
    if (event.type === 'store.rollback_detected') this.rollbacks += 1;
    if (event.type === 'token.reused' && !this.auditing && !this.stolen.has(event.sid))
      this.count('alarms', JSON.stringify(event));
  }

  answersWith(...statuses) {
    let sum = 0;
    for (const [name, times] of this.statuses) if (statuses.includes(Number.parseInt(name, 10))) sum += times;
    return sum;
  }
}
