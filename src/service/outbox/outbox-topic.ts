import type { OutboxEntry } from './outbox-entry.js';

/** How long and how often a delivery is tried. Milliseconds. */
export interface RetryPolicy {
  /** The pause after the first failure; each further pause is twice as long. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** After this time since its cause an entry is given up; null: never. */
  readonly giveUpAfter: number | null;
}

/** Code that delivers the entries of one topic. It registers itself at the {@link Outbox}. */
export interface OutboxTopic {
  readonly name: string;
  readonly retries: RetryPolicy;
  /** Whether entries of one subject are delivered in the order they were written, each after the one before it. */
  readonly isOrdered: boolean;
  /** Whether all that waits is tried again at each start: only where a second delivery changes nothing. */
  readonly retriesAtStart: boolean;
  /**
   * Delivers an entry, or finds that there is nothing to deliver any more. May be called again for an entry that was
   * delivered, when its success was not noted.
   * @throws DeliveryError which says what is wrong, for the log
   */
  deliver(entry: OutboxEntry): Promise<void>;
}

/** A delivery failed. Its message is stored and logged, so it must hold no secret and no address. */
export class DeliveryError extends Error {
  /** Whether another attempt is of no use. */
  readonly isFinal: boolean;

  constructor(fault: string, { isFinal = false }: { readonly isFinal?: boolean } = {}) {
    super(fault);
    this.isFinal = isFinal;
  }
}
