import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds. Sooner than Retry-After tells, which is harder on the service. */
const RETRY_AFTER = [20, 80];
/** How often a second tab of the same browser refreshes right behind the first. */
const OTHER_TAB = 0.1;

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
const seqOf = (token) => claimsOf(token).seq;

/** A client that does as the contract says: on a 503 or no answer it keeps its token and tries again. */
export class HonestClient {
  /** The access token of the last answer. */
  accessToken = undefined;
  /** Why it must log in again, once it must. */
  over = undefined;
  /** When the last request that went well was sent. */
  lastOk = -Infinity;
  /** Tokens it has used up, the latest last. */
  spent = [];
  pendingKey = undefined;
  /** Somebody ends the session, or steals it: it may be over at any moment. */
  ending = false;

  constructor({ token, tally, chance, withKey = false, rollbacks = false }) {
    Object.assign(this, { token, tally, chance, withKey, rollbacks });
    const { sub, sid } = claimsOf(token);
    Object.assign(this, { sub, sid });
    tally.history.opened(token);
  }

  /** Asks once. */
  async ask(door) {
    if (this.withKey) this.pendingKey ??= this.chance.key();
    const asked = performance.now();
    const answer = await door.refresh(this.token, { key: this.pendingKey });
    this.tally.note(answer);
    if (answer.status === 200) this.take(answer, asked);
    if (answer.status === 401) this.lose(answer.code);
    return answer;
  }

  /**
   * Asks until there is a successor, by one door or another.
   * @param {() => object} nextDoor
   */
  async refresh(nextDoor, { patience = 15_000, pause = [5, 60] } = {}) {
    const until = performance.now() + patience;
    for (let tries = 0; tries < 1_000 && performance.now() < until; tries += 1) {
      const answer = await this.ask(nextDoor());
      if (answer.status === 200 || this.over) return answer;
      await sleep(this.chance.between(...pause));
    }
    this.lose('no answer in time');
    return { status: 0 };
  }

  /** The other tab, which still holds the token just spent: inside grace it must get the same successor. */
  async askAsOtherTab(door) {
    const answer = await door.refresh(this.spent.at(-1));
    this.tally.note(answer);
    if (answer.status === 200) this.compare(answer.refreshToken, this.token);
    if (answer.status === 401) this.lose(answer.code);
  }

  take({ refreshToken, accessToken }, asked) {
    const step = seqOf(refreshToken) - seqOf(this.token);
    if (step !== 1) this.tally.count('forks', `seq went on by ${step}`);
    this.spent = [...this.spent.slice(-2), this.token];
    this.token = refreshToken;
    this.accessToken = accessToken;
    this.lastOk = asked;
    this.pendingKey = undefined;
  }

  lose(code) {
    if (this.over) return;
    this.over = code;
    if (this.ending) return;
    this.tally.count('lost', `${code} at seq ${seqOf(this.token)} of ${this.sid}`);
  }

  /** The same bytes; after a rollback of the store the same `seq`, as the step may have run again in another second. */
  compare(one, other) {
    const same = this.rollbacks ? seqOf(one) === seqOf(other) : one === other;
    if (!same) this.tally.count('forks', `two successors, seq ${seqOf(one)} and ${seqOf(other)}`);
  }
}

/**
 * All clients refresh, again and again, each by a door of its own chance.
 * @param pace milliseconds, least and most, from one success to the next request
 */
export function keepRefreshing({ clients, doors, pace = RETRY_AFTER }) {
  const end = new AbortController();
  const refreshes = async (client) => {
    for (let i = 0; i < 100_000 && !end.signal.aborted && !client.over; i += 1) {
      const { status } = await client.ask(client.chance.of(doors));
      if (status === 200 && client.chance.happens(OTHER_TAB)) await client.askAsOtherTab(client.chance.of(doors));
      await sleep(client.chance.between(...(status === 200 ? pace : RETRY_AFTER)));
    }
  };
  const loops = clients.map(refreshes);
  return {
    /** More clients, which join those at work. */
    add: (more) => {
      clients.push(...more);
      loops.push(...more.map(refreshes));
    },
    stop: async () => {
      end.abort();
      await Promise.all(loops);
    },
    /** Milliseconds from a moment until every client that is still logged in has been served. */
    backSince: async (moment, patience = 20_000) => {
      const waiting = () => clients.some((client) => !client.over && !client.ending && client.lastOk < moment);
      while (waiting() && performance.now() - moment < patience) await sleep(5);
      return performance.now() - moment;
    },
  };
}

/**
 * When the fault is over: whoever was logged in still is, and what was dead still is. Ends the sessions, since the
 * last question is asked by a thief.
 */
export async function audit(clients, doors, { tally, chance }) {
  const living = clients.filter(({ over }) => !over);
  await inBatches(living, 50, (client) => client.refresh(() => chance.of(doors)));
  tally.auditing = true;
  await inBatches(living, 50, async ({ spent, token, over }) => {
    if (over || spent.length < 2) return;
    for (const dead of [spent.at(-2), token]) {
      const { status } = await answered(() => chance.of(doors).refresh(dead));
      if (status !== 401) tally.count('unsafe', `a token two steps old, or the last one after it: ${status}`);
    }
  });
}

/** Asks until the store has something to say. */
export async function answered(ask) {
  for (let tries = 0; tries < 50; tries += 1) {
    const answer = await ask();
    if (answer.status !== 503 && answer.status !== 0) return answer;
    await sleep(50);
  }
  return { status: 503 };
}

export async function inBatches(items, size, work) {
  for (let at = 0; at < items.length; at += size) await Promise.all(items.slice(at, at + size).map(work));
}
