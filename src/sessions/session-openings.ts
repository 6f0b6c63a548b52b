import { Inject, Injectable } from '@nestjs/common';
import { AUTH_POLICY } from '../auth.constants.js';
import { AuthError } from '../auth.errors.js';
import type { RequestInfo } from '../events/request-info.js';
import type { AuthPolicy } from '../options/options.js';
import { PendingEndings } from './pending-endings.js';
import { SessionEndings } from './session-endings.js';
import { credentialsChanged } from './session-errors.js';
import type { ReplacedSession } from './session-request.js';
import { SessionStore, type OpenCommand, type OpenResult } from './token.repository.js';

// Each round ends the sessions that were in the way; more rounds are needed only while other logins take the room.
const OPEN_TRIES = 16;

type Opened = OpenResult & { readonly outcome: 'opened' };

/** Brings logins into the store: ends what must make room for one, and what one replaces. */
@Injectable()
export class SessionOpenings {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(SessionEndings) private readonly endings: SessionEndings,
    @Inject(PendingEndings) private readonly pending: PendingEndings,
  ) {}

  /** @throws AuthError `invalid_credentials`, `session_limit_reached`, `temporarily_unavailable`, `store_unavailable` */
  async open(command: OpenCommand, info: RequestInfo): Promise<Opened> {
    for (let tries = 0; tries < OPEN_TRIES; tries++) {
      const result = await this.store.open(command);
      if (result.outcome === 'opened') return result;
      if (result.outcome === 'outdated') {
        throw credentialsChanged();
      }
      if (this.policy.whenFull === 'refuse') {
        const limit = this.policy.maxSessionsPerSubject;
        throw new AuthError('session_limit_reached', `There are ${limit} sessions already; end one first.`);
      }
      await this.endings.endFound(command.sub, result.oldest, 'session_replaced', { ...info, cause: 'session_limit' });
    }
    throw new AuthError('temporarily_unavailable', 'Too many logins at once. Try again.', { retryAfter: 1 });
  }

  /** Ends what a login has replaced. The login stands, whatever becomes of this. */
  async endReplaced({ sub, sid }: ReplacedSession, { replaced }: Opened, info: RequestInfo): Promise<void> {
    if (replaced) this.endings.expectEnd(sub, sid);
    await this.pending.end({ sub, sid, reason: 'session_replaced', info: { ...info, cause: 'new_login' } });
  }
}
