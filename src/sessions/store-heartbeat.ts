import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { TokenRepository } from './token.repository.js';

const INTERVAL = 5_000;
const WORTH_A_WARNING = 1_000;

/** Follows the store's clock, and says so when this machine's clock is off. */
@Injectable()
export class StoreHeartbeat implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Keyturn');
  private timer?: NodeJS.Timeout;
  private warned = false;

  constructor(
    @Inject(TokenRepository) private readonly repository: TokenRepository,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.beat();
    this.timer = setInterval(() => void this.beat(), INTERVAL).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** A store that is away is told about by those who need it; the last offset stays in force. */
  private async beat(): Promise<void> {
    const offset = await this.clock.follow(() => this.repository.time()).catch(() => undefined);
    if (offset === undefined) return;
    const far = Math.abs(offset) > WORTH_A_WARNING;
    if (far && !this.warned) {
      this.logger.warn(`This machine's clock is ${Math.abs(offset)} ms off the session store's. Check NTP.`);
    }
    this.warned = far;
  }
}
