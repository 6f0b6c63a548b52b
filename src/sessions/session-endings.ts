import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import { AuthEvents } from '../events/auth.events.js';
import { longestLife, type AuthPolicy } from '../options/options.js';
import type { RequestInfo } from '../events/request-info.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { SessionStore, TokenRepository } from './token.repository.js';
import { RevocationPublisher } from '../revocation/revocation-feed.js';
import { legacySubject, LONGEST_LIFE } from '../revocation/legacy-names.js';
import { Revocations } from '../revocation/revocations.js';
import type { SessionEndReason } from './session.js';
import { makeRoom } from './make-room.js';
import { endNoteOf, type EndNote } from './session-history.js';

const MAX_UNSETTLED = 10_000;

/** Ends sessions in the store and tells every instance: what `SessionService` and the rotation share. */
@Injectable()
export class SessionEndings {
  /** Sessions whose end failed on the way: whether they were removed, and announced, is not known. */
  private readonly unsettled = new Set<string>();
  /** By subject: sessions that a raised generation has removed, and nobody was told of, since the feed failed. */
  private readonly untold = new Map<string, readonly string[]>();

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(SessionStore) private readonly store: SessionStore,
    /** Null where the strategy keeps no sessions. */
    @Inject(TokenRepository) private readonly repository: TokenRepository | null,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(RevocationPublisher) private readonly publisher: RevocationPublisher,
    @Inject(AuthEvents) private readonly events: AuthEvents,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {}

  /**
   * Ends sessions for a reason, which their owners are told for `endedRetention`. Removed first, then announced, so that
   * a repeated call heals one that was interrupted. A session that has ended and was announced is not announced again,
   * and no event tells of it: however often somebody comes with a token of it, feed and log do not grow.
   */
  async end(
    sub: string,
    sids: readonly string[],
    reason: SessionEndReason,
    info?: RequestInfo,
    note?: EndNote,
  ): Promise<void> {
    if (sids.length === 0) return;
    const again = sids.filter((sid) => this.unsettled.has(keyOf(sub, sid)));
    for (const sid of sids) this.noteUnsettled(keyOf(sub, sid));
    const removed = await this.remove(sub, sids, reason, { ...this.noteOf(info), ...note });
    const ended = sids.filter((sid) => removed.includes(sid) || again.includes(sid));
    const news = sids.filter((sid) => ended.includes(sid) || !this.isAnnounced(sub, sid, reason));
    await this.publish(sub, news, reason);
    for (const sid of sids) this.unsettled.delete(keyOf(sub, sid));
    // Where no sessions are kept, the announcement is the end.
    for (const sid of this.policy.keepsSessions ? ended : news) {
      this.events.emit({ type: 'session.ended', sub, sid, reason, ...causeOf(info) }, info);
    }
  }

  /**
   * Ends every session of a subject that is open now, one by one: for a reason other than a raised generation. Where no
   * sessions are kept, all tokens that were made until now are outdated instead.
   * @param caller the session whose token asks for it: ended last, so that the token can ask again after a failure
   */
  async endAll(
    sub: string,
    reason: SessionEndReason,
    info?: RequestInfo,
    caller?: string,
    note?: EndNote,
  ): Promise<void> {
    await this.endLegacy(sub, reason);
    if (!this.repository) return this.outdate(sub, info);
    const others = (await this.repository.list(sub)).sessions.map(({ sid }) => sid).filter((sid) => sid !== caller);
    await this.endFound(sub, others, reason, info);
    if (caller !== undefined) await this.end(sub, [caller], reason, info, note);
  }

  /**
   * Ends every session of a subject below a generation, and all its tokens.
   * @throws AuthError `store_unavailable`: it may be repeated
   */
  async endBelow(sub: string, generation: number, reason: SessionEndReason, info?: RequestInfo): Promise<void> {
    await this.endLegacy(sub, reason);
    const removed = await this.removeBelow(sub, generation, reason, this.noteOf(info));
    const ended = [...(this.untold.get(sub) ?? []), ...removed];
    this.untold.delete(sub);
    const revocation = { kind: 'generation', sub, generation, reason } as const;
    if (ended.length > 0 || !this.revocations.holds(revocation)) {
      try {
        await this.publisher.publish([revocation]);
      } catch (error) {
        this.noteUntold(sub, ended);
        throw error;
      }
      this.events.emit({ type: 'subject.revoked', sub, generation }, info);
    }
    for (const sid of ended) {
      this.events.emit({ type: 'session.ended', sub, sid, reason, ...causeOf(info) }, info);
    }
  }

  /**
   * Ends every token of the former login that a subject has now, where such tokens count: before its sessions, so that
   * none of them is redeemed after they have ended.
   * @throws AuthError `store_unavailable`: it may be repeated
   */
  async endLegacy(sub: string, reason: SessionEndReason): Promise<void> {
    const { accessTokens, refreshTokens } = this.policy.legacy;
    if (!accessTokens.verify && !refreshTokens.redeem) return;
    const name = legacySubject(sub);
    const generation = await this.store.raiseGeneration(name, this.clock.now() + 1, LONGEST_LIFE);
    await this.publisher.publish([{ kind: 'generation', sub: name, generation, reason }]);
  }

  /** A session was removed on another way, and is not announced yet: {@link end} is to tell of it. */
  expectEnd(sub: string, sid: string): void {
    this.noteUnsettled(keyOf(sub, sid));
  }

  /** Removes sessions and notes why. Tells nobody. @returns the ids that were there */
  remove(sub: string, sids: readonly string[], reason: SessionEndReason, note?: EndNote): Promise<readonly string[]> {
    return this.store.end(sub, sids, reason, this.policy.endedRetention, note);
  }

  /** Removes the record of a session that is known to be over, if the store answers. Never throws for the store. */
  async clear(sub: string, sid: string, reason: SessionEndReason): Promise<void> {
    try {
      await this.remove(sub, [sid], reason);
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
    }
  }

  /** Notes a generation, and removes the sessions below it. Tells nobody. @returns the ids that were there */
  async removeBelow(
    sub: string,
    generation: number,
    reason: SessionEndReason,
    note?: EndNote,
  ): Promise<readonly string[]> {
    // So long a token of any client can live, and its generation must be remembered.
    await this.store.raiseGeneration(sub, generation, longestLife(this.policy));
    return this.store.endBelow(sub, generation, reason, this.policy.endedRetention, note);
  }

  /**
   * Tells every instance of sessions that were ended, unless they know. What ended by time needs no announcement.
   * @throws AuthError `store_unavailable`
   */
  async announce(sub: string, sids: readonly string[], reason: SessionEndReason): Promise<void> {
    const news = sids.filter((sid) => !this.isAnnounced(sub, sid, reason));
    await this.publish(sub, news, reason);
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
    await this.publisher.publish([{ kind: 'claims', sub }]);
    this.events.emit({ type: 'claims.changed', sub }, info);
  }

  private noteOf(info: RequestInfo | undefined): EndNote {
    return endNoteOf(info, this.policy.keepAddress);
  }

  private isAnnounced(sub: string, sid: string, reason: SessionEndReason): boolean {
    return this.revocations.holds({ kind: 'session', sub, sid, reason });
  }

  private async publish(sub: string, sids: readonly string[], reason: SessionEndReason): Promise<void> {
    if (reason === 'session_ended' || sids.length === 0) return;
    await this.publisher.publish(sids.map((sid) => ({ kind: 'session', sub, sid, reason })));
  }

  private noteUntold(sub: string, sids: readonly string[]): void {
    makeRoom(this.untold, MAX_UNSETTLED);
    this.untold.set(sub, [...(this.untold.get(sub) ?? []), ...sids]);
  }

  private noteUnsettled(key: string): void {
    makeRoom(this.unsettled, MAX_UNSETTLED);
    this.unsettled.add(key);
  }
}

const causeOf = ({ cause }: RequestInfo = {}) => (cause === undefined ? {} : { cause });

const keyOf = (sub: string, sid: string): string => `${sid} ${sub}`;
