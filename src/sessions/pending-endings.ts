import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import type { RequestInfo } from '../events/request-info.js';
import type { SessionEndReason } from './session.js';
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
    if (this.pending.size >= MAX_PENDING) this.pending.delete(this.pending.keys().next().value!);
    this.pending.set(`${ending.sid} ${ending.sub}`, ending);
    this.timer ??= this.later();
  }

  private later(): NodeJS.Timeout | undefined {
    if (this.stopped) return undefined;
    const timer = setTimeout(() => void this.tryAgain(), this.pause).unref();
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    return timer;
  }

  private async tryAgain(): Promise<void> {
    for (const [key, ending] of this.pending) {
      // One that fails says that the store is away, for the others too.
      if (!(await this.isDone(ending))) break;
      this.pending.delete(key);
      this.pause = FIRST_PAUSE;
    }
    this.timer = this.pending.size > 0 ? this.later() : undefined;
  }

  private async isDone({ sub, sid, reason, info }: Ending): Promise<boolean> {
    try {
      await this.endings.end(sub, [sid], reason, info);
      return true;
    } catch (error) {
      if (error instanceof AuthError) return false;
      throw error;
    }
  }
}
