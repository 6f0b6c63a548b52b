import { Logger } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { AttemptLog, type Noted, type NotedAttempt } from './attempt-log.js';
import type { Limit } from './limit.js';

/** Milliseconds for which a log that did not answer is not asked: each question would cost its whole timeout. */
const PAUSE = 1_000;

/**
 * A log that all instances share, and one of this process, which goes on alone while the shared one does not answer. Both
 * note every attempt: else each time that the store is away would begin with an empty count.
 */
export class FallbackAttemptLog extends AttemptLog {
  private readonly logger = new Logger('Keyturn');
  private isAway = false;
  private askAgainAt = -Infinity;

  /** @param clock milliseconds */
  constructor(
    private readonly shared: AttemptLog,
    private readonly own: AttemptLog,
    private readonly clock: () => number,
  ) {
    super();
  }

  override async note(key: string, limit: Limit): Promise<Noted> {
    const own = await this.own.note(key, limit);
    if ('wait' in own) return own;
    const shared = await this.asked((log) => log.note(key, limit));
    if (shared === null) return { at: NaN, own: own.at };
    if ('at' in shared) return { at: shared.at, own: own.at };
    await this.own.forget(key, own);
    return shared;
  }

  override async forget(key: string, { at, own = at }: NotedAttempt): Promise<void> {
    await this.own.forget(key, { at: own });
    if (!Number.isNaN(at)) await this.asked((log) => log.forget(key, { at }));
  }

  /** @returns null where the shared log does not answer */
  private async asked<T>(ask: (log: AttemptLog) => Promise<T>): Promise<T | null> {
    if (this.clock() < this.askAgainAt) return null;
    try {
      const answer = await ask(this.shared);
      if (this.isAway) this.logger.log('The store answers again: attempts are counted over all instances.');
      this.isAway = false;
      return answer;
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'store_unavailable') throw error;
      this.askAgainAt = this.clock() + PAUSE;
      const fault = error.fault ?? error.code;
      if (!this.isAway) this.logger.warn(`Attempts at logins are counted by each instance alone for now: ${fault}`);
      this.isAway = true;
      return null;
    }
  }
}
