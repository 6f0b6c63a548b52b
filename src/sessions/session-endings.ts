import { Inject, Injectable } from '@nestjs/common';
import { AuthEvents } from '../events/auth.events.js';
import type { AuthPolicy } from '../options/options.js';
import type { RequestInfo } from '../events/request-info.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { TokenRepository } from './token.repository.js';
import { Revocations } from '../revocation/revocations.js';
import type { SessionEndReason } from './session.js';

/** Ends sessions in the store and tells every instance: what `SessionService` and the rotation share. */
@Injectable()
export class SessionEndings {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(TokenRepository) private readonly repository: TokenRepository,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  /**
   * Ends sessions for a reason, which their owners are told for `endedRetention`. Removed first, then announced, found
   * or not, so that a repeated call heals one that was interrupted. What ended by time needs no announcement.
   */
  async end(sub: string, sids: readonly string[], reason: SessionEndReason, info?: RequestInfo): Promise<void> {
    if (sids.length === 0) return;
    await this.repository.end(sub, sids, reason, this.policy.endedRetention);
    await this.announce(sub, sids, reason);
    for (const sid of sids) this.events.emit({ type: 'session.ended', sub, sid, reason }, info);
  }

  /**
   * Ends every session of a subject that is open now, one by one: for a reason other than a raised generation. Where no
   * sessions are kept, all tokens that were made until now are called back as outdated instead.
   * @param caller the session whose token asks for it: ended last, so that the token can ask again after a failure
   */
  async endAll(sub: string, reason: SessionEndReason, info?: RequestInfo, caller?: string): Promise<void> {
    if (!this.policy.keepsSessions) return this.outdate(sub, info);
    const others = (await this.repository.list(sub)).sessions.map(({ sid }) => sid).filter((sid) => sid !== caller);
    await this.endFound(sub, others, reason, info);
    if (caller !== undefined) await this.end(sub, [caller], reason, info);
  }

  /**
   * Tells every instance of sessions that were ended, also again: entries are idempotent.
   * @throws AuthError `store_unavailable`
   */
  async announce(sub: string, sids: readonly string[], reason: SessionEndReason): Promise<void> {
    if (reason === 'session_ended') return;
    await this.revocations.publish(sids.map((sid) => ({ kind: 'session', sub, sid, reason })));
  }

  /**
   * Ends sessions that only a look into the store has named. Once removed, a repeated call would not find them again:
   * so they are announced before as well. Not before alone, since what refreshes between an announcement and a late
   * removal could outlive the announcement.
   */
  async endFound(sub: string, sids: readonly string[], reason: SessionEndReason, info?: RequestInfo) {
    await this.announce(sub, sids, reason);
    await this.end(sub, sids, reason, info);
  }

  /** Makes the access tokens of a subject fetch its claims anew. */
  async outdate(sub: string, info?: RequestInfo): Promise<void> {
    await this.revocations.publish([{ kind: 'claims', sub }]);
    this.events.emit({ type: 'claims.changed', sub }, info);
  }
}
