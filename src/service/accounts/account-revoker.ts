import { Inject, Injectable } from '@nestjs/common';
import { AuthClock, SubjectRevoker, type RequestInfo } from '../../index.js';
import { Announcements } from './announcements.js';
import { AccountChanges } from './account-changes.js';

/** Ends everything of an account: first what the users table says, which no fault of the store can undo. */
@Injectable()
export class AccountRevoker extends SubjectRevoker {
  constructor(
    @Inject(AccountChanges) private readonly changes: AccountChanges,
    @Inject(Announcements) private readonly announcements: Announcements,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {
    super();
  }

  override async revokeAll(sub: string, info?: RequestInfo): Promise<void> {
    const announcement = await this.changes.revokeAll(sub, this.clock.now());
    // An account that is gone has ended already, and left what is still to be told.
    if (announcement) await this.announcements.announce(announcement, info);
    else await this.announcements.announceAllOf(sub, info);
  }
}
