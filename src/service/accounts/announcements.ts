import { Inject, Injectable } from '@nestjs/common';
import { AuthClock, AuthError, SessionService, type RequestInfo } from '../../index.js';
import type { OutboxEntry } from '../outbox/outbox-entry.js';
import { OutboxTable } from '../outbox/outbox-table.js';
import type { OutboxTopic } from '../outbox/outbox-topic.js';
import { Outbox } from '../outbox/outbox.js';
import { ANNOUNCEMENT_RETRIES, announcementOf, ANNOUNCEMENTS, type Announcement } from './announcement.js';
import { isUserId } from './user.js';

/**
 * Tells the sessions' store what the users table says: which tokens are dead, whose claims are outdated. What a crash or
 * an outage left untold is told at the next start or within a minute, and is never given up: a token must not live
 * because a store was away for long. Telling twice changes nothing.
 */
@Injectable()
export class Announcements implements OutboxTopic {
  readonly name = ANNOUNCEMENTS;
  readonly retries = ANNOUNCEMENT_RETRIES;
  readonly isOrdered = false;
  readonly retriesAtStart = true;

  constructor(
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(OutboxTable) private readonly table: OutboxTable,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {
    outbox.register(this);
  }

  async deliver(entry: OutboxEntry): Promise<void> {
    await this.tell(announcementOf(entry));
  }

  /** @throws AuthError `store_unavailable`: the outbox tells it as soon as the store answers */
  async announce(announcement: Announcement, info?: RequestInfo): Promise<void> {
    try {
      await this.tell(announcement, info);
    } catch (error) {
      this.outbox.wakeAt(ANNOUNCEMENTS, this.clock.now() + ANNOUNCEMENT_RETRIES.firstPause);
      throw error;
    }
    try {
      await this.table.delivered(announcement);
    } catch (error) {
      // Told is told; the outbox tells it once more.
      if (!(error instanceof AuthError)) throw error;
    }
  }

  /** Tells what is still untold of one subject. @returns whether anything was */
  async announceAllOf(sub: string, info?: RequestInfo): Promise<boolean> {
    // Ids come in any case, and subjects are lower case.
    const entries = isUserId(sub) ? await this.table.of(ANNOUNCEMENTS, sub.toLowerCase()) : [];
    for (const entry of entries) await this.announce(announcementOf(entry), info);
    return entries.length > 0;
  }

  private async tell({ sub, kind, value }: Announcement, info?: RequestInfo): Promise<void> {
    if (kind === 'generation') await this.sessions.revokeAll(sub, value, info);
    else await this.sessions.claimsChanged(sub, info);
  }
}
