import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AuthClock, MOST_CLOCK_ERROR } from '../auth.clock.js';
import { GenerationStore } from './token.repository.js';

const INTERVAL = 5_000;
const FIRST_BEATS = 5;
/** While the clock is not known well enough: the next answer may be a quick one. */
const SHORT_INTERVAL = 250;
const WORTH_A_WARNING = 1_000;

/** Follows the store's clock, and says so when this machine's clock is off. */
@Injectable()
export class StoreHeartbeat implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Keyturn');
  private timer?: NodeJS.Timeout;
  private warned = false;
  private stopped = false;

  constructor(
    @Inject(GenerationStore) private readonly store: GenerationStore,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {
    clock.measureBy(() => store.time());
  }

  /** Before the application listens: an instance must not serve before it knows the time. */
  async onModuleInit(): Promise<void> {
    // The quickest of some answers tells the time best, and how exact it is decides how old claims count.
    for (let more = FIRST_BEATS; more > 0 && (await this.measure()); more--);
    this.beatLater();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private beatLater(): void {
    if (this.stopped) return;
    const pause = this.clock.error > MOST_CLOCK_ERROR ? SHORT_INTERVAL : INTERVAL;
    this.timer = setTimeout(() => void this.measure().then(() => this.beatLater()), pause).unref();
  }

  /** A store that is away is told about by those who need it; the last offset stays in force. @returns if it answered */
  private async measure(): Promise<boolean> {
    const offset = await this.clock.follow(() => this.store.time()).catch(() => undefined);
    if (offset === undefined) return false;
    const far = Math.abs(offset) > WORTH_A_WARNING;
    if (far && !this.warned) {
      this.logger.warn(`This machine's clock is ${Math.abs(offset)} ms off the session store's. Check NTP.`);
    }
    this.warned = far;
    return true;
  }
}
