import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import type { RequestInfo } from '../events/request-info.js';
import type { SessionEndReason } from './session.js';
import { makeRoom } from './make-room.js';
import { SessionEndings } from './session-endings.js';

/** A session that is to end. */
export interface Ending {
  readonly sub: string;
  readonly sid: string;
  readonly reason: SessionEndReason;
  readonly info?: RequestInfo;
}

const MAX_PENDING = 10_000;
const [FIRST_PAUSE, LONGEST_PAUSE] = [1_000, 30_000];

/**
 * Ends sessions for callers who cannot be told that it failed, such as a login over an older session: what fails is tried
 * again until it is done, for as long as the process runs. The event of the end comes when it is done.
 */
@Injectable()
export class PendingEndings implements OnModuleDestroy {
  private readonly logger = new Logger('Keyturn');
  private readonly pending = new Map<string, Ending>();
  private timer?: NodeJS.Timeout;
  private pause = FIRST_PAUSE;
  private stopped = false;

  constructor(@Inject(SessionEndings) private readonly endings: SessionEndings) {}

  onModuleDestroy(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Tries once before it returns. */
  async end(ending: Ending): Promise<void> {
    if (await this.isDone(ending)) return;
    makeRoom(this.pending, MAX_PENDING);
    this.keep(ending);
    this.timer ??= this.later();
  }

  private keep(ending: Ending): void {
    this.pending.set(`${ending.sid} ${ending.sub}`, ending);
  }

  private later(): NodeJS.Timeout | undefined {
    if (this.stopped) return undefined;
    const timer = setTimeout(() => void this.tryAgain(), this.pause).unref();
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    return timer;
  }

  private async tryAgain(): Promise<void> {
    for (const [key, ending] of this.pending) {
      const isDone = await this.isDone(ending);
      this.pending.delete(key);
      if (!isDone) {
        // Behind the others, which it must not hold up if it is the only one that fails. Now they would fail like it.
        this.keep(ending);
        break;
      }
      this.pause = FIRST_PAUSE;
    }
    this.timer = this.pending.size > 0 ? this.later() : undefined;
  }

  /** Never throws: nobody waits for the later tries. */
  private async isDone({ sub, sid, reason, info }: Ending): Promise<boolean> {
    try {
      await this.endings.end(sub, [sid], reason, info);
      return true;
    } catch (error) {
      // A store of the host may throw anything. Of a store that is away its client tells.
      if (!(error instanceof AuthError))
        this.logger.error(`A session cannot be ended; it is tried again: ${String(error)}`);
      return false;
    }
  }
}
