import { AuthError } from '../auth.errors.js';
import type { LimitRate } from '../options/limit-options.js';

const MOST_NAMES = 50_000;

/**
 * How often something may be asked for under one name, counted by this process alone. It stops what has gone wild, such as
 * a client in a loop, before it costs anything. The count of the last window fades out while the present one runs, so
 * two maps of a bounded size are all that is kept; with more names than fit, windows are shorter.
 */
export class Pace {
  private present = new Map<string, number>();
  private last = new Map<string, number>();
  private since = -Infinity;

  /**
   * @param rate null: no limit
   * @param sentence what is told to those who come too often
   */
  constructor(
    private readonly rate: LimitRate | null,
    private readonly sentence: string,
  ) {}

  /**
   * Counts what is asked for.
   * @param name of a bounded length
   * @param now milliseconds
   * @throws AuthError `too_many_attempts` with `retryAfter`
   */
  admit(name: string, now: number): void {
    if (!this.rate) return;
    const { attempts, window } = this.rate;
    if (now - this.since >= window || this.present.size >= MOST_NAMES) this.turn(now, window);
    const [count, before] = [this.present.get(name) ?? 0, this.last.get(name) ?? 0];
    const passed = Math.max(0, now - this.since) / window;
    if (count + before * (1 - passed) < attempts) {
      this.present.set(name, count + 1);
      return;
    }
    // The share of the last window that still counts must come down to what is left; if none is, the present one must end.
    const until = count < attempts ? 1 - (attempts - count) / before : 1;
    // Whole seconds, and more than the wait itself: at its very end there is no room yet.
    const retryAfter = Math.floor(Math.max(0, until - passed) * (window / 1000) + 1e-6) + 1;
    throw new AuthError('too_many_attempts', this.sentence, { retryAfter });
  }

  private turn(now: number, window: number): void {
    const age = now - this.since;
    this.last = age < 2 * window ? this.present : new Map();
    this.present = new Map();
    // One window follows the other, unless nobody came for a whole one or this one had to end early.
    this.since = age >= window && age < 2 * window ? this.since + window : now;
  }
}
