import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AuthError, SessionService, type RequestInfo } from '../../index.js';
import { OwedAnnouncements, type OwedAnnouncement } from './owed-announcements.js';

const SWEEP_EVERY = 60_000;
const SWEEP_AT_MOST = 100;

/**
 * Tells the sessions' store what the users table says: which tokens are dead, whose claims are outdated. What a crash
 * or an outage left untold is told at the next start or within a minute; telling twice changes nothing, so instances
 * need not agree on who does it.
 */
@Injectable()
export class Announcements implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Keyturn');
  private timer?: NodeJS.Timeout;
  private sweeping: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(OwedAnnouncements) private readonly owed: OwedAnnouncements,
    @Inject(SessionService) private readonly sessions: SessionService,
  ) {}

  onApplicationBootstrap(): void {
    const sweep = (): void => void (this.sweeping = this.sweep());
    this.timer = setInterval(sweep, SWEEP_EVERY).unref();
    sweep();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** @throws AuthError `store_unavailable`: the debt stays noted */
  async pay(debt: OwedAnnouncement, info?: RequestInfo): Promise<void> {
    if (debt.kind === 'generation') await this.sessions.revokeAll(debt.sub, debt.value, info);
    else await this.sessions.claimsChanged(debt.sub, info);
    try {
      await this.owed.paid(debt);
    } catch (error) {
      // Told is told; the next sweep tells it once more.
      if (!(error instanceof AuthError)) throw error;
    }
  }

  /** Pays what is owed for one subject. @returns whether anything was */
  async payFor(sub: string, info?: RequestInfo): Promise<boolean> {
    const debts = await this.owed.of(sub);
    for (const debt of debts) await this.pay(debt, info);
    return debts.length > 0;
  }

  /** Pays the oldest debts, a bounded number; what cannot be paid now waits for the next sweep. Never throws. */
  async sweep(): Promise<void> {
    try {
      for (const debt of await this.owed.list(SWEEP_AT_MOST)) await this.pay(debt);
    } catch (error) {
      const fault = error instanceof AuthError ? (error.fault ?? error.code) : String(error);
      this.logger.warn(`What is owed to the session store cannot be looked up or told now: ${fault}`);
    }
  }
}
