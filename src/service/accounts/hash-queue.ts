import { availableParallelism } from 'node:os';
import { AuthError } from '../../index.js';

export interface HashQueueLimits {
  /** Hashes at one time, `HASH_CONCURRENCY`. By default one core is left to the requests: every core but one, at least 1. */
  readonly concurrency?: number;
  /** Milliseconds; who waited longer is refused instead of hashed: by then the client has given up. */
  readonly maxWait?: number;
  /** How many may wait; one more is refused at once. */
  readonly maxWaiting?: number;
}

interface Waiting {
  readonly since: number;
  readonly enter: () => void;
  readonly refuse: (error: AuthError) => void;
}

/**
 * Bounds how many passwords are hashed at once, so that logins do not starve other requests (measured: with 16 logins
 * at a time the slowest percent of guarded requests took 12 ms without a bound, 1.4 ms with one hash at a time). The
 * threads that do it give way to requests, too (see `HashThreads`).
 *
 * Fair by source: each source has a line of its own, and the lines take turns, so that who sends hundreds of logins
 * makes only himself wait. In a line it is first come, first served. There is no timer: a place is given, or refused for
 * having waited too long, when a job ends.
 *
 * @param now milliseconds on a clock that never goes back
 * @example const hash = await queue.run(() => argon2.hash(password), '192.0.2.7');
 */
export class HashQueue {
  private readonly limits: Required<HashQueueLimits>;
  /** By source, none of them empty; the first one is next. */
  private readonly lines = new Map<string, Waiting[]>();
  private waiting = 0;
  private running = 0;

  constructor(
    limits: HashQueueLimits = {},
    private readonly now: () => number = () => performance.now(),
  ) {
    const concurrency = limits.concurrency ?? Math.max(1, availableParallelism() - 1);
    // A hash takes 10 to 20 ms: more than 256 before one in a line would make it wait some 5 s.
    this.limits = { maxWait: 5_000, maxWaiting: 256 * concurrency, ...limits, concurrency };
  }

  /** How many wait for their turn. */
  get length(): number {
    return this.waiting;
  }

  /**
   * Runs a job when its turn comes.
   * @param source where it comes from, as `sourceOf` names it
   * @throws AuthError `temporarily_unavailable` with `retryAfter`, when too many wait or this one waited too long
   */
  async run<T>(job: () => Promise<T>, source = ''): Promise<T> {
    await this.turn(source);
    try {
      return await job();
    } finally {
      this.running--;
      this.next();
    }
  }

  /**
   * Refuses what would find no room, before anything else is done for it: what a flood costs then is a request.
   * @throws AuthError `temporarily_unavailable` with `retryAfter`
   */
  assertRoom(source = ''): void {
    if (this.waiting < this.limits.maxWaiting) return;
    if (this.longestLine()[1].length <= (this.lines.get(source)?.length ?? 0) + 1) throw this.busy();
  }

  private async turn(source: string): Promise<void> {
    if (this.running < this.limits.concurrency) {
      this.running++;
      return;
    }
    if (this.waiting >= this.limits.maxWaiting) this.makeRoom(source);
    await new Promise<void>((enter, refuse) => {
      const line = this.lines.get(source) ?? [];
      line.push({ since: this.now(), enter, refuse });
      this.lines.set(source, line);
      this.waiting++;
    });
  }

  /** In a full queue the last of the longest line gives way to somebody whose line is shorter. */
  private makeRoom(source: string): void {
    this.assertRoom(source);
    const [longest, line] = this.longestLine();
    const last = line.pop()!;
    if (line.length === 0) this.lines.delete(longest);
    this.waiting--;
    last.refuse(this.busy());
  }

  private longestLine(): readonly [string, Waiting[]] {
    const none: readonly [string, Waiting[]] = ['', []];
    return [...this.lines].reduce((found, other) => (other[1].length > found[1].length ? other : found), none);
  }

  private next(): void {
    const now = this.now();
    while (this.running < this.limits.concurrency) {
      const first = this.shift();
      if (!first) return;
      if (now - first.since > this.limits.maxWait) {
        first.refuse(this.busy());
        continue;
      }
      this.running++;
      first.enter();
    }
  }

  /** The first of the line whose turn it is; the line then stands behind all others. */
  private shift(): Waiting | undefined {
    for (const [source, line] of this.lines) {
      this.lines.delete(source);
      const first = line.shift();
      if (line.length > 0) this.lines.set(source, line);
      this.waiting--;
      return first;
    }
    return undefined;
  }

  private busy(): AuthError {
    const retryAfter = Math.ceil(this.limits.maxWait / 1000);
    return new AuthError('temporarily_unavailable', 'Too many logins at once; try again in a moment.', { retryAfter });
  }
}
