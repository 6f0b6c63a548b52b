import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { AuthClock, MOST_CLOCK_ERROR } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import type { AuthPolicy } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { retentionOf } from './retention.js';
import { RevocationSource, type PublishedRevocation, type Revocation } from './revocation-feed.js';
import { RevocationList, type RevocableToken, type RevokedBecause } from './revocation-list.js';

/** Milliseconds that {@link Revocations.claimsTime} waits at most. */
const LONGEST_WAIT = 1_000;

/** Repeats in the store what revocations did to it. @throws AuthError `store_unavailable`: it is called again */
export type StoreRepairer = (lost: readonly PublishedRevocation[]) => Promise<void>;

/** What this instance knows of revocations, and how sure it is of it. Asking costs no I/O. */
@Injectable()
export class Revocations implements OnModuleInit {
  private readonly list: RevocationList;
  private readonly retention: number;
  private readonly listeners: ((entries: readonly PublishedRevocation[]) => void)[] = [];
  /** Where there is no store to write to, such as in a resource server, nothing is repeated. */
  private repair: StoreRepairer = async () => undefined;

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(RevocationSource) private readonly source: RevocationSource,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {
    this.retention = retentionOf(policy);
    this.list = new RevocationList(this.retention);
  }

  /** Before the application listens: an instance must not serve before it knows the revocations. */
  async onModuleInit(): Promise<void> {
    await this.source.subscribe({
      retention: this.retention,
      maxStaleness: this.policy.revocation.maxStaleness,
      receive: (entries) => {
        const now = Math.min(this.surelyPast(), latestOf(entries));
        this.list.prune(now);
        for (const entry of entries) this.list.add(entry, now);
        for (const listener of this.listeners) listener(entries);
      },
      held: () => {
        this.list.prune(this.surelyPast());
        return this.list.entries();
      },
      lost: (entries) => this.repair(entries),
    });
  }

  /** Calls with what has come from the feed, once {@link check} knows of it. Never throws. */
  onReceived(listener: (entries: readonly PublishedRevocation[]) => void): void {
    this.listeners.push(listener);
  }

  /** Names who repeats in the store what revocations did to it, before the feed is subscribed to. */
  repairBy(repair: StoreRepairer): void {
    this.repair = repair;
  }

  /** Why a token must be refused; null if nothing is known against it. */
  check(token: RevocableToken): RevokedBecause | null {
    return this.list.check(token);
  }

  /** Whether every instance has been told of it, or of more: then it needs not be published again. */
  holds(revocation: Revocation): boolean {
    this.list.prune(this.surelyPast());
    return this.list.holds(revocation);
  }

  /** The generation below which all tokens of a subject are dead, as far as it is remembered; 0 if none is. */
  generationOf(sub: string): number {
    return this.list.generationOf(sub);
  }

  /**
   * Whether the knowledge is older than the policy allows, or the store's clock is not known well enough to tell what is
   * older; then no token may be renewed, and routes have a say.
   */
  isStale(): boolean {
    return this.source.staleness() > this.policy.revocation.maxStaleness || this.clock.error > MOST_CLOCK_ERROR;
  }

  /** What decides what is forgotten; see {@link AuthClock.surelyPast}. */
  private surelyPast(): number {
    return this.clock.surelyPast(this.retention);
  }

  /**
   * The `claims_at` of claims that the caller is about to read: a time that has passed by the store's clock, whatever
   * the error of this one. It is after each change of the subject's claims that is known here, else the token would be
   * refused as soon as it is used; so just after a change this waits for some milliseconds. Where the store's clock was
   * not measured yet, it is measured first.
   *
   * @param changedAt a change that the store knows of, and this instance may not know yet
   * @throws AuthError `temporarily_unavailable` when that would take more than a second: a clock is wrong;
   * `store_unavailable` where the store's time is not known yet, and cannot be read
   */
  async claimsTime(sub: string, sid: string, changedAt = -Infinity): Promise<number> {
    await this.clock.measured();
    const giveUpAt = performance.now() + LONGEST_WAIT;
    for (;;) {
      const time = this.clock.earliestNow();
      const missing = Math.max(changedAt, this.list.claimsChangedAt(sub, sid)) + 1 - time;
      if (missing <= 0) return time;
      if (performance.now() + missing > giveUpAt) throw claimsJustChanged();
      await pause(missing);
    }
  }
}

/**
 * Milliseconds. An entry is forgotten only when a later one shows that its time is over, too: an app without a store
 * cannot measure the store's clock, and goes by its own, which may be set back after it has seemed to be over.
 */
const latestOf = (entries: readonly PublishedRevocation[]): number =>
  entries.reduce((latest, { at }) => Math.max(latest, at), -Infinity);

const claimsJustChanged = (): AuthError =>
  new AuthError(
    'temporarily_unavailable',
    'The claims of this user have just changed. Keep the tokens and try again.',
    {
      retryAfter: 1,
    },
  );
