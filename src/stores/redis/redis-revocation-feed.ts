import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { AuthError } from '../../auth.errors.js';
import { SPAN_KIND, traced, type SpanRequest } from '../../auth.tracing.js';
import { closeRedisClient } from './redis-client.js';
import { settleInTime } from './redis-deadline.js';
import type { RedisClient } from './redis-connection-options.js';
import { RedisFeedWriter } from './redis-feed-writer.js';
import { unpackRevocation } from './revocation-codec.js';
import {
  RevocationSource,
  type PublishedRevocation,
  type Revocation,
  type RevocationFeed,
  type RevocationSubscriber,
} from '../../revocation/revocation-feed.js';
import { UnreadableEntries } from './unreadable-entries.js';
import { WaitingReads } from './waiting-reads.js';

export interface RedisRevocationFeedSettings {
  readonly keyPrefix: string;
  /** Milliseconds. */
  readonly commandTimeout: number;
}

const PAGE = 1_000;
/** Milliseconds for which a read waits for news, at most. */
export const LONGEST_BLOCK = 1_000;
const RETRY_PAUSE = 100;
/** A connection that is just being made is there in a moment. */
const CONNECTING_PAUSE = 10;
/** Before all entries. */
const START = '0-0';

const feedKey = (keyPrefix: string): string => `${keyPrefix}feed`;

/** By the semantic conventions for messaging. What is read was sent by other requests, so reading belongs to none. */
const feedSpan = (operation: 'send' | 'process', key: string, count: number): SpanRequest => ({
  kind: operation === 'send' ? SPAN_KIND.producer : SPAN_KIND.consumer,
  isRoot: operation === 'process',
  attributes: {
    'messaging.system': 'redis',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': key,
    'messaging.batch.message_count': count,
  },
});

type Entry = readonly [id: string, fields: readonly string[]];
const idTime = (id: string): number => Number(id.split('-', 1)[0]);

/**
 * Revocations on a Redis Stream. Every instance reads it over a connection of its own, the whole kept window at each
 * connect, since after a failover new entries may bear ids below the last one that was read.
 */
export class RedisRevocationSource extends RevocationSource {
  private readonly logger = new Logger('Keyturn');
  protected readonly key: string;
  private readonly commandTimeout: number;
  protected subscriber?: RevocationSubscriber;
  private last: readonly [id: string, text: string] = [START, ''];
  private windowRead = false;
  /** Of the monotonic clock: when the last reading that was answered was asked. */
  private knownAsOf = -Infinity;
  private closed = false;
  private toldFault = '';
  private readonly unreadable = new UnreadableEntries();
  private readonly waiting = new WaitingReads();

  /**
   * @param reader a connection that nothing else uses: it is blocked most of the time
   * @param writer what heals a store that went back in time; absent: this instance only reads, and needs no right to write
   */
  constructor(
    private readonly reader: RedisClient,
    { keyPrefix, commandTimeout }: RedisRevocationFeedSettings,
    private readonly writer?: RedisFeedWriter,
  ) {
    super();
    this.key = feedKey(keyPrefix);
    this.commandTimeout = commandTimeout;
  }

  async subscribe(subscriber: RevocationSubscriber): Promise<void> {
    this.subscriber = subscriber;
    const patience = performance.now() + this.commandTimeout;
    while (!(await this.step()) && performance.now() < patience) await pause(CONNECTING_PAUSE);
    void this.run();
  }

  staleness(): number {
    const now = performance.now();
    return this.unreadable.among(now) ? Infinity : now - this.knownAsOf;
  }

  close(): void {
    this.closed = true;
    closeRedisClient(this.reader);
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      if (!(await this.step())) await pause(RETRY_PAUSE);
    }
  }

  /** One reading. What fails is tried again from the start of the window; how old the knowledge gets, all can see. */
  private async step(): Promise<boolean> {
    const asked = performance.now();
    try {
      await (this.windowRead ? this.readOn() : this.readWindow());
      this.knownAsOf = asked;
      // Beside the reading, which must go on.
      void this.writer?.heal(this.subscriber!);
      this.toldFault = '';
      return true;
    } catch (error) {
      this.windowRead = false;
      this.tellFault(error);
      // A connection that hangs would not notice by itself; one that is not there yet must be left to come.
      if (this.reader.status === 'ready' && !this.closed) this.reader.disconnect(true);
      return false;
    }
  }

  /** Of a Redis that is away its client tells. Anything else is a fault of the program: it is tried again, so told once. */
  private tellFault(error: unknown): void {
    const fault = String(error);
    if (error instanceof AuthError || fault === this.toldFault) return;
    this.toldFault = fault;
    this.logger.error(`Revocations cannot be read, so this instance counts as stale: ${fault}`);
  }

  private async readWindow(): Promise<void> {
    const kept: PublishedRevocation[] = [];
    this.writer?.beginWindow();
    this.last = [START, ''];
    for (;;) {
      const after = `(${this.last[0]}`;
      const page = await this.ask<Entry[]>(() => this.reader.xrange(this.key, after, '+', 'COUNT', PAGE));
      kept.push(...(await this.receive(page)));
      if (page.length < PAGE) break;
    }
    this.writer?.endWindow(this.subscriber!.held(), kept);
    this.windowRead = true;
  }

  private async readOn(): Promise<void> {
    const block = Math.min(LONGEST_BLOCK, this.subscriber!.maxStaleness / 4);
    const [before, asked] = [this.last, performance.now()];
    const written = [...(this.writer?.unread.keys() ?? [])];
    const reply = (await this.news(before[0], block)) as
      readonly (readonly [string, Entry[]])[] | Readonly<Record<string, Entry[]>> | null;
    // RESP3 answers with a map, which ioredis gives as pairs or as an object.
    const entries = reply && (Array.isArray(reply) ? reply[0]?.[1] : (reply as Record<string, Entry[]>)[this.key]);
    await this.receive(entries ?? []);
    await this.lookBack(before, written);
    if (!entries?.length) await this.waiting.afterNothing(performance.now() - asked, block);
  }

  private async news(position: string, block: number): Promise<unknown> {
    const from = ['STREAMS', this.key, position] as const;
    if (!this.waiting.isPossible) return this.ask(() => this.reader.xread('COUNT', PAGE, ...from));
    try {
      return await this.ask(() => this.reader.xread('COUNT', PAGE, 'BLOCK', block, ...from), block);
    } catch (error) {
      if (this.waiting.isRefusedBy(error)) return null;
      throw error;
    }
  }

  /**
   * Are the entry that was read last before, and those that were written here before this reading and were not in it,
   * still there? A store that went back in time does not have them, nor has a new master what was written to the former
   * one beside it; what it says since then is not all that must be known. It may have another entry of the same
   * millisecond under the same id. An entry that was trimmed makes the window be read once more, too.
   */
  private async lookBack(last: readonly [id: string, text: string], written: readonly string[]): Promise<void> {
    const { unread = new Map<string, string>() } = this.writer ?? {};
    const missed = written.flatMap((id) => (unread.has(id) ? [[id, unread.get(id)] as const] : []));
    const expected = last[0] === START ? missed : [...missed, last];
    const found = await Promise.all(
      expected.map(([id]) => this.ask<Entry[]>(() => this.reader.xrange(this.key, id, id))),
    );
    for (const [id] of expected) unread.delete(id);
    if (found.some(([entry], index) => entry?.[1][1] !== expected[index]![1])) this.windowRead = false;
  }

  private async receive(entries: readonly Entry[]): Promise<PublishedRevocation[]> {
    if (entries.length === 0) return [];
    return traced(`process ${this.key}`, feedSpan('process', this.key, entries.length), async () => this.take(entries));
  }

  private take(entries: readonly Entry[]): PublishedRevocation[] {
    const [lastId, [, lastText = '']] = entries.at(-1)!;
    this.last = [lastId, lastText];
    this.writer?.noteRead(entries.map(([id, [, text = '']]) => [id, text]));
    const received = entries.flatMap(([id, [field, text = '', , at = idTime(id)]]) => {
      if (field === 'k') this.writer?.noteMark(Number(text), Number(at));
      const entry = field === 'e' ? unpackRevocation(text, Number(at)) : null;
      if (entry !== 'unreadable') return entry ?? [];
      this.noteUnreadable(id);
      return [];
    });
    this.subscriber!.receive(received);
    return received;
  }

  private noteUnreadable(id: string): void {
    if (!this.unreadable.note(id, performance.now(), this.subscriber!.retention)) return;
    this.logger.error(
      'The feed holds a revocation in a format of a newer version of Keyturn: whose tokens it revokes is not known here, so ' +
        'this instance counts as stale. Go back one release at a time.',
    );
  }

  private ask<T>(command: () => Promise<T>, waits = 0): Promise<T> {
    return settleInTime(this.reader, command, waits + this.commandTimeout, (answer) => answer);
  }
}

/** The same of an instance that may write as well: it publishes, and gives a store that went back in time what it lost. */
export class RedisRevocationFeed extends RedisRevocationSource implements RevocationFeed {
  private readonly publisher: RedisFeedWriter;

  /**
   * @param client what publishes
   * @param reader a connection that nothing else uses: it is blocked most of the time
   */
  constructor(client: RedisClient, reader: RedisClient, settings: RedisRevocationFeedSettings) {
    const publisher = new RedisFeedWriter(client, feedKey(settings.keyPrefix), settings.commandTimeout);
    super(reader, settings, publisher);
    this.publisher = publisher;
  }

  async publish(revocations: readonly Revocation[]): Promise<void> {
    const published = await traced(`send ${this.key}`, feedSpan('send', this.key, revocations.length), () =>
      this.publisher.publish(revocations, this.subscriber?.retention ?? 0),
    );
    this.subscriber?.receive(published);
  }

  time(): Promise<number> {
    return this.publisher.time();
  }
}
