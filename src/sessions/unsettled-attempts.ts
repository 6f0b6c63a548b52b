import { makeRoom } from './make-room.js';

const KEPT_FOR = 5 * 60 * 1000;
const MAX_TOKENS = 10_000;
const MAX_ATTEMPTS = 8;

interface Unsettled {
  readonly attempts: readonly string[];
  readonly until: number;
}

/**
 * Attempts whose outcome was never learned: the store was asked to advance a session and did not answer. When the same
 * token comes again, an advance by one of them is recognised as our own and not taken for theft, however late the
 * client tries again. All of a token are kept, since two tabs may have asked before the store went silent, and any one
 * of them may have been the one that ran. Bounded in number and time.
 */
export class UnsettledAttempts {
  private readonly tokens = new Map<string, Unsettled>();

  /** @param now milliseconds */
  remember(sid: string, seq: number, attempt: string, now: number): void {
    const key = `${sid}.${seq}`;
    const before = this.recall(sid, seq, now);
    this.tokens.delete(key);
    makeRoom(this.tokens, MAX_TOKENS);
    const attempts = [...before.filter((known) => known !== attempt), attempt].slice(-MAX_ATTEMPTS);
    this.tokens.set(key, { attempts, until: now + KEPT_FOR });
  }

  /** The attempts former requests used for this token, as far as their outcome is still unknown; the latest last. */
  recall(sid: string, seq: number, now: number): readonly string[] {
    if (this.tokens.size === 0) return [];
    const found = this.tokens.get(`${sid}.${seq}`);
    return found && now < found.until ? found.attempts : [];
  }

  settle(sid: string, seq: number): void {
    if (this.tokens.size > 0) this.tokens.delete(`${sid}.${seq}`);
  }
}
