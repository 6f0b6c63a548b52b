import type { SessionEndReason } from '../auth.errors.js';

/** One revocation. It always names the subject: a session's id is no secret, so knowing one must not be enough. */
export type Revocation =
  | { readonly kind: 'session'; readonly sub: string; readonly sid: string; readonly reason: SessionEndReason }
  /** Every token of the subject below the generation. */
  | {
      readonly kind: 'generation';
      readonly sub: string;
      readonly generation: number;
      readonly reason: SessionEndReason;
    }
  /**
   * Every access token of the subject, or of its one session, whose claims were read at that time or before: lowered
   * roles. Without a time: that of its publication.
   */
  | { readonly kind: 'claims'; readonly sub: string; readonly sid?: string; readonly at?: number };

/** A revocation as it was published. Milliseconds. */
export type PublishedRevocation = Revocation & {
  /** The store's time of its publication. */
  readonly at: number;
  /** For how long it can meet a living token: an app that issues none cannot know it otherwise. */
  readonly keepFor?: number;
};

/** Who subscribes to a feed. */
export interface RevocationSubscriber {
  /** Milliseconds: how long an entry can matter. */
  readonly retention: number;
  /** Milliseconds: how old the knowledge may be; the feed asks several times within it. */
  readonly maxStaleness: number;
  /** Takes entries in the order in which they were published. It must not throw. */
  receive(entries: readonly PublishedRevocation[]): void;
  /** All that is known here, in case the feed has lost it. */
  held(): Iterable<PublishedRevocation>;
  /**
   * Called when the store went back in time (failover, restore), with what it has lost of `held()`, before that is
   * published again: what the revocations did to the store is done once more. Called again if it throws.
   */
  lost(entries: readonly PublishedRevocation[]): Promise<void>;
}

/**
 * Where an instance learns of revocations. Entries are idempotent, may come twice and in any order, and are kept for as
 * long as they can matter. It is all that an app needs that only verifies tokens.
 */
export abstract class RevocationSource {
  /**
   * Subscribes. Resolves when the kept entries were read once, or could not be read in time; then it goes on trying, and
   * {@link staleness} tells.
   */
  abstract subscribe(subscriber: RevocationSubscriber): Promise<void>;

  /** How old the knowledge of this instance is at most, milliseconds; Infinity before the first reading. */
  abstract staleness(): number;
}

/** Where revocations are published: what an instance needs that ends sessions. */
export abstract class RevocationPublisher {
  /**
   * Tells every instance, this one included, before it resolves.
   * @throws AuthError `store_unavailable`; whether the entries were kept is not known then
   */
  abstract publish(revocations: readonly Revocation[]): Promise<void>;

  /** Milliseconds, by the clock that dates the entries. */
  abstract time(): Promise<number>;
}

/** Both: what the module of a store brings. `revocationFeedContract` of `keyturn/testing` is its test. */
export abstract class RevocationFeed extends RevocationSource implements RevocationPublisher {
  abstract publish(revocations: readonly Revocation[]): Promise<void>;
  abstract time(): Promise<number>;
}
