import type { Logger } from '@nestjs/common';
import { AuthError } from '../../index.js';
import { within } from '../../internal.js';
import type { OutboxEntry } from './outbox-entry.js';
import type { OutboxTable } from './outbox-table.js';
import { DeliveryError, type OutboxTopic } from './outbox-topic.js';
import { nextAttempt } from './retries.js';

/** How many entries of a topic are delivered at once. */
const AT_ONCE = 10;
/** Milliseconds. What takes longer counts as failed, and its outcome is not known: the receiver tells it by its id. */
const DELIVERED_WITHIN = 30_000;
/** Longer than any attempt: until then no other instance tries the same entry. */
const LEASE = 60_000;

/** How the attempts of one topic ended since the start. */
export interface Tally {
  delivered: number;
  failed: number;
}

/** Delivers the entries of one topic. A topic that hangs does not hold up the others. */
export class OutboxLane {
  readonly tally: Tally = { delivered: 0, failed: 0 };
  private sweeping?: Promise<void>;
  private isAskedAgain = false;
  /** What is wrong just now, so that an outage is told once and not for each entry. */
  private told?: string;

  constructor(
    readonly topic: OutboxTopic,
    private readonly table: OutboxTable,
    private readonly now: () => number,
    private readonly logger: Logger,
  ) {}

  /** Delivers all that is due. One that is asked for while another runs follows it, for both callers. */
  sweep(): Promise<void> {
    if (this.sweeping) {
      this.isAskedAgain = true;
      return this.sweeping;
    }
    this.sweeping = this.sweepAll().finally(() => (this.sweeping = undefined));
    return this.sweeping;
  }

  private async sweepAll(): Promise<void> {
    let taken: OutboxEntry[];
    do {
      this.isAskedAgain = false;
      const now = this.now();
      taken = await this.table.lease(this.topic, now, now + LEASE, AT_ONCE);
      await Promise.all(taken.map((entry) => this.attempt(entry)));
      // An ordered topic gives the next of each subject only when the one before it is gone.
    } while (this.isAskedAgain || taken.length > 0);
  }

  private async attempt(entry: OutboxEntry): Promise<void> {
    try {
      await within(DELIVERED_WITHIN, this.topic.deliver(entry), tooLong);
    } catch (error) {
      return this.note(entry, error);
    }
    this.tally.delivered++;
    if (this.told !== undefined) this.logger.log(`Deliveries of ${this.topic.name} succeed again.`);
    this.told = undefined;
    await this.table.delivered(entry);
  }

  private async note(entry: OutboxEntry, error: unknown): Promise<void> {
    this.tally.failed++;
    const fault = faultOf(error);
    const isFinal = error instanceof DeliveryError && error.isFinal;
    const due = isFinal ? null : nextAttempt(this.topic.retries, entry.attempts, entry.created, this.now());
    if (due === null) {
      this.logger.error(
        `The outbox entry ${entry.id} (${this.topic.name}) could not be delivered and was given up: ${fault} ` +
          'See keyturn outbox.',
      );
    } else if (fault !== this.told) {
      this.logger.warn(`A delivery of ${this.topic.name} failed and will be tried again: ${fault}`);
      this.told = fault;
    }
    await this.table.failed(entry, fault, due);
  }
}

const tooLong = (): DeliveryError => new DeliveryError(`There was no answer within ${DELIVERED_WITHIN / 1000} s.`);

/** Never an unknown error's own words: what a mail library or a host's code says may hold an address or a ticket. */
function faultOf(error: unknown): string {
  if (error instanceof DeliveryError) return error.message;
  if (error instanceof AuthError) return error.fault ?? error.code;
  const { name, code } = error as { name?: unknown; code?: unknown };
  return `The delivery threw ${[name, code].filter((word) => typeof word === 'string').join(' ') || 'no error'}.`;
}
