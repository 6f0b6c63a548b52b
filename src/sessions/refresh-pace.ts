import { AuthError } from '../auth.errors.js';
import type { LimitRate } from '../options/limit-options.js';

const MOST_SESSIONS = 50_000;

/**
 * How often each session may refresh, counted by this process alone. It stops what has gone wild, such as a client in a
 * loop, before it costs anything but a signature. The count of the last window fades out while the present one runs, so
 * two maps of a bounded size are all that is kept; with more sessions than fit, windows are shorter.
 */
export class RefreshPace {
  private present = new Map<string, number>();
  private last = new Map<string, number>();
  private since = -Infinity;

  /** @param rate null: no limit */
  constructor(private readonly rate: LimitRate | null) {}

  /**
   * Counts a refresh whose token is one of ours.
   * @param now milliseconds
   * @throws AuthError `too_many_attempts` with `retryAfter`; nothing else has been done then, and the token stays good
   */
  admit(sid: string, now: number): void {
    if (!this.rate) return;
    const { attempts, window } = this.rate;
    if (now - this.since >= window || this.present.size >= MOST_SESSIONS) this.turn(now, window);
    const [count, before] = [this.present.get(sid) ?? 0, this.last.get(sid) ?? 0];
    const passed = Math.max(0, now - this.since) / window;
    if (count + before * (1 - passed) < attempts) {
      this.present.set(sid, count + 1);
      return;
    }
    // The share of the last window that still counts must come down to what is left; if none is, the present one must end.
    const until = count < attempts ? 1 - (attempts - count) / before : 1;
    // Whole seconds, and more than the wait itself: at its very end there is no room yet.
    const retryAfter = Math.floor(Math.max(0, until - passed) * (window / 1000) + 1e-6) + 1;
    const sentence = 'The session is refreshed too often. Keep the tokens and try again.';
    throw new AuthError('too_many_attempts', sentence, { retryAfter });
  }

  private turn(now: number, window: number): void {
    const age = now - this.since;
    this.last = age < 2 * window ? this.present : new Map();
    this.present = new Map();
    // One window follows the other, unless nobody came for a whole one or this one had to end early.
    this.since = age >= window && age < 2 * window ? this.since + window : now;
  }
}
