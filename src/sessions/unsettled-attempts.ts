const KEPT_FOR = 5 * 60 * 1000;
const MAX = 10_000;

/**
 * Attempts whose outcome was never learned: the store was asked to advance a session and did not answer. When the same
 * token comes again, the same attempt goes with it, so that an advance which did happen is recognised as its own and
 * not taken for theft, however late the client tries again. Bounded in number and time.
 */
export class UnsettledAttempts {
  private readonly attempts = new Map<string, { readonly attempt: string; readonly until: number }>();

  /** @param now milliseconds */
  remember(sid: string, seq: number, attempt: string, now: number): void {
    const key = `${sid}.${seq}`;
    this.attempts.delete(key);
    if (this.attempts.size >= MAX) this.attempts.delete(this.attempts.keys().next().value!);
    this.attempts.set(key, { attempt, until: now + KEPT_FOR });
  }

  /** The attempt a former request used for this token, if its outcome is still unknown. */
  recall(sid: string, seq: number, now: number): string | undefined {
    const found = this.attempts.get(`${sid}.${seq}`);
    return found && now < found.until ? found.attempt : undefined;
  }

  settle(sid: string, seq: number): void {
    if (this.attempts.size > 0) this.attempts.delete(`${sid}.${seq}`);
  }
}
