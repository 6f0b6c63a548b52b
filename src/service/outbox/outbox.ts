import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AuthClock, AuthError } from '../../index.js';
import { OutboxLane, type Tally } from './outbox-lane.js';
import { OutboxTable, type OutboxCount } from './outbox-table.js';
import type { OutboxTopic } from './outbox-topic.js';

/** How often an instance looks for what others left undone. */
const LOOK_EVERY = 60_000;
/** A moment, so that the answer of the request that wrote an entry goes first. */
const AFTER_THE_ANSWER = 50;
/** A stop waits no longer for deliveries under way; another instance repeats what they leave. */
const FAREWELL = 3_000;
/** How long an undeliverable entry is kept for an operator to see. */
const KEPT = 30 * 24 * 60 * 60 * 1000;

/**
 * Delivers what was written beside its cause: after the answer, again with growing pauses when it fails, and by another
 * instance when this one dies. Each entry is delivered at least once, always with the same id.
 */
@Injectable()
export class Outbox implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Outbox');
  private readonly lanes = new Map<string, OutboxLane>();
  /** When each topic is looked at next, by `performance.now()`. */
  private readonly planned = new Map<string, { readonly at: number; readonly timer: NodeJS.Timeout }>();
  private readonly underWay = new Set<Promise<void>>();
  private isStopped = false;
  private told?: string;
  /** As the last sweep found them. */
  counts: readonly OutboxCount[] = [];

  constructor(
    @Inject(OutboxTable) private readonly table: OutboxTable,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {}

  /** Names the code that delivers a topic; before the application has started. */
  register(topic: OutboxTopic): void {
    this.lanes.set(topic.name, new OutboxLane(topic, this.table, () => this.clock.now(), this.logger));
  }

  get topics(): readonly string[] {
    return [...this.lanes.keys()];
  }

  /** How the attempts of each topic ended, since the start. */
  get tallies(): ReadonlyMap<string, Tally> {
    return new Map([...this.lanes].map(([name, { tally }]) => [name, tally]));
  }

  onApplicationBootstrap(): void {
    for (const { topic } of this.lanes.values()) {
      this.begin(topic.retriesAtStart ? this.retryNow(topic.name) : this.sweep(topic.name));
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    for (const { timer } of this.planned.values()) clearTimeout(timer);
    await Promise.race([Promise.all(this.underWay), pause(FAREWELL, undefined, { ref: false })]);
  }

  /** Delivers soon what was just written. */
  wake(topic: string): void {
    this.schedule(topic, AFTER_THE_ANSWER);
  }

  /** Looks at a topic when an entry of it is due. @param due milliseconds since the epoch */
  wakeAt(topic: string, due: number): void {
    this.schedule(topic, Math.max(due - this.clock.now(), AFTER_THE_ANSWER));
  }

  /** Tries all of a topic that waits at once, however long its pause would be. Never throws. */
  async retryNow(topic: string): Promise<void> {
    await this.unlessAway(async () => void (await this.table.retry({ topic }, this.clock.now())));
    await this.sweep(topic);
  }

  /** Delivers all of a topic that is due, and looks again when the next entry is. Never throws. */
  async sweep(topic: string): Promise<void> {
    let next: number | null = null;
    await this.unlessAway(async () => {
      await this.lanes.get(topic)!.sweep();
      await this.table.forget(this.clock.now() - KEPT);
      next = await this.table.nextDue(topic);
      this.counts = await this.table.counts();
    });
    this.wakeAt(topic, next ?? this.clock.now() + LOOK_EVERY);
  }

  /** A stop waits for it. */
  private begin(work: Promise<void>): void {
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }

  private schedule(topic: string, milliseconds: number): void {
    const at = performance.now() + Math.min(milliseconds, LOOK_EVERY);
    const planned = this.planned.get(topic);
    if (this.isStopped || (planned && planned.at <= at)) return;
    clearTimeout(planned?.timer);
    const run = (): void => {
      this.planned.delete(topic);
      this.begin(this.sweep(topic));
    };
    this.planned.set(topic, { at, timer: setTimeout(run, at - performance.now()).unref() });
  }

  private async unlessAway(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.told = undefined;
    } catch (error) {
      const fault = error instanceof AuthError ? (error.fault ?? error.code) : String(error);
      if (fault !== this.told && !this.isStopped) this.logger.warn(`The outbox cannot be read just now: ${fault}`);
      this.told = fault;
    }
  }
}
