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
 * at a time the slowest percent of guarded requests took 12 ms without a bound, 1.4 ms with one hash at a time).
 *
 * First come, first served, without a timer: a place is given, or refused for having waited too long, when a job ends.
 *
 * @param now milliseconds on a clock that never goes back
 * @example const hash = await queue.run(() => argon2.hash(password));
 */
export class HashQueue {
  private readonly limits: Required<HashQueueLimits>;
  private readonly waiting: Waiting[] = [];
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
    return this.waiting.length;
  }

  /**
   * Runs a job when its turn comes.
   * @throws AuthError `temporarily_unavailable` with `retryAfter`, when too many wait or this one waited too long
   */
  async run<T>(job: () => Promise<T>): Promise<T> {
    await this.turn();
    try {
      return await job();
    } finally {
      this.running--;
      this.next();
    }
  }

  private async turn(): Promise<void> {
    if (this.running < this.limits.concurrency) {
      this.running++;
      return;
    }
    if (this.waiting.length >= this.limits.maxWaiting) throw this.busy();
    await new Promise<void>((enter, refuse) => this.waiting.push({ since: this.now(), enter, refuse }));
  }

  private next(): void {
    const now = this.now();
    while (this.running < this.limits.concurrency) {
      const first = this.waiting.shift();
      if (!first) return;
      if (now - first.since > this.limits.maxWait) {
        first.refuse(this.busy());
        continue;
      }
      this.running++;
      first.enter();
    }
  }

  private busy(): AuthError {
    const retryAfter = Math.ceil(this.limits.maxWait / 1000);
    return new AuthError('temporarily_unavailable', 'Too many logins at once; try again in a moment.', { retryAfter });
  }
}
