import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { RedisUnavailableError } from './redis-errors.js';

/** Milliseconds between two reads where the server does not wait: about so late news then is. */
const BETWEEN_READS = 100;
/** A single early answer may have a reason, such as `CLIENT UNBLOCK`. */
const MANY = 3;

/**
 * Reads that the server holds until there is news. A proxy, a stand-in or a managed Redis may answer them at once, or
 * refuse them; then the reads must be slowed down here, or they would be 23,000 a second (measured).
 */
export class WaitingReads {
  private readonly logger = new Logger('Redis');
  private possible = true;
  private early = 0;

  /** Whether the server lets a read wait. */
  get isPossible(): boolean {
    return this.possible;
  }

  /** Whether it was the waiting that was refused; from then on reads do not ask for it. */
  isRefusedBy(error: unknown): boolean {
    if (!(error instanceof RedisUnavailableError) || !['command', 'other'].includes(error.kind)) return false;
    this.stop('refuses reads that wait (XREAD with BLOCK)');
    return true;
  }

  /**
   * Waits where the server did not.
   * @param took milliseconds the read took, and found nothing
   * @param asked milliseconds it should have waited
   */
  async afterNothing(took: number, asked: number): Promise<void> {
    this.early = took < asked / 2 ? this.early + 1 : 0;
    if (this.possible && this.early >= MANY) this.stop('answers reads that should wait (XREAD with BLOCK) at once');
    if (this.early > 0) await pause(BETWEEN_READS);
  }

  private stop(what: string): void {
    this.possible = false;
    this.logger.warn(
      `Redis ${what}, so it is asked for revocations every ${BETWEEN_READS} ms: each instance sends it some 20 ` +
        'commands a second, and learns of a revocation that much later.',
    );
  }
}
