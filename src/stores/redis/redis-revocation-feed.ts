import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { AuthConfigError } from '../../auth.errors.js';
import { closeRedisClient } from './redis-client.js';
import { settleInTime } from './redis-deadline.js';
import { runScript, scriptOf } from './redis-script.js';
import type { RedisClient } from './redis-connection-options.js';
import { identityOf, packRevocation, unpackRevocation } from './revocation-codec.js';
import {
  RevocationFeed,
  type PublishedRevocation,
  type Revocation,
  type RevocationSubscriber,
} from '../../revocation/revocation-feed.js';
import { UnreadableEntries } from './unreadable-entries.js';

export interface RedisRevocationFeedSettings {
  readonly keyPrefix: string;
  /** Milliseconds. */
  readonly commandTimeout: number;
}

/**
 * retention, entry… -> the time of publication (ms). It goes into each entry, because after a failover the ids of a
 * stream may be ahead of the clock. The trim comes first: after one write Redis lets the others pass when its memory is out,
 * and to call tokens back must work then too.
 */
const PUBLISH = scriptOf(`
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('XTRIM', KEYS[1], 'MINID', '~', now - ARGV[1])
for i = 2, #ARGV do redis.call('XADD', KEYS[1], '*', 'e', ARGV[i], 'at', now) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return now
`);

const PAGE = 1_000;
/** Milliseconds for which a read waits for news, at most. */
export const LONGEST_BLOCK = 1_000;
const RETRY_PAUSE = 100;
/** A connection that is just being made is there in a moment. */
const CONNECTING_PAUSE = 10;

type Entry = readonly [id: string, fields: readonly string[]];

const timeOf = (id: string): number => Number(id.split('-', 1)[0]);

/** Whether one stream id comes before another: compared as two numbers, which their texts are not. */
function isBefore(id: string, other: string): boolean {
  const [[time, step], [otherTime, otherStep]] = [id.split('-'), other.split('-')] as [string[], string[]];
  return Number(time) - Number(otherTime) < 0 || (time === otherTime && Number(step) < Number(otherStep));
}

/**
 * Revocations on a Redis Stream. Every instance reads it over a connection of its own, the whole kept window at each
 * connect, since after a failover new entries may bear ids below the last one that was read.
 */
export class RedisRevocationFeed extends RevocationFeed {
  private readonly logger = new Logger('Keyturn');
  private readonly key: string;
  private readonly commandTimeout: number;
  private subscriber?: RevocationSubscriber;
  private position = '0-0';
  private windowRead = false;
  /** Of the monotonic clock: when the last reading that was answered was asked. */
  private knownAsOf = -Infinity;
  private closed = false;
  private readonly unreadable = new UnreadableEntries();

  /**
   * @param client what publishes; null: this instance only hears, and needs no right to write
   * @param reader a connection that nothing else uses: it is blocked most of the time
   */
  constructor(
    private readonly client: RedisClient | null,
    private readonly reader: RedisClient,
    { keyPrefix, commandTimeout }: RedisRevocationFeedSettings,
  ) {
    super();
    this.key = `${keyPrefix}feed`;
    this.commandTimeout = commandTimeout;
  }

  async subscribe(subscriber: RevocationSubscriber): Promise<void> {
    this.subscriber = subscriber;
    const patience = performance.now() + this.commandTimeout;
    while (!(await this.step()) && performance.now() < patience) await pause(CONNECTING_PAUSE);
    void this.run();
  }

  async publish(revocations: readonly Revocation[]): Promise<void> {
    if (!this.client) throw new AuthConfigError('a feed that only hears cannot publish: the auth service calls back');
    const at = await this.append(this.client, revocations);
    this.subscriber?.receive(revocations.map((revocation) => ({ ...revocation, at })));
  }

  staleness(): number {
    const now = performance.now();
    return this.unreadable.among(now) ? Infinity : now - this.knownAsOf;
  }

  async time(): Promise<number> {
    if (!this.client) throw new AuthConfigError('a feed that only hears has no free connection to ask the time by');
    return settleInTime(this.client, this.client.time(), this.commandTimeout, ([seconds, microseconds]) => {
      return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
    });
  }

  close(): void {
    this.closed = true;
    closeRedisClient(this.reader);
  }

  private append(client: RedisClient, entries: readonly (Revocation | PublishedRevocation)[]): Promise<number> {
    const retention = this.subscriber?.retention ?? 0;
    const packed = entries.map((entry) => packRevocation(entry, retention));
    const reply = runScript(client, PUBLISH, this.key, [retention, ...packed]) as Promise<number>;
    return settleInTime(client, reply, this.commandTimeout, (now) => now);
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
      return true;
    } catch {
      this.windowRead = false;
      // A connection that hangs would not notice by itself; one that is not there yet must be left to come.
      if (this.reader.status === 'ready' && !this.closed) this.reader.disconnect(true);
      return false;
    }
  }

  private async readWindow(): Promise<void> {
    const known = new Set<string>();
    this.position = '0-0';
    for (;;) {
      const after = `(${this.position}`;
      const page = await this.ask<Entry[]>(this.reader.xrange(this.key, after, '+', 'COUNT', PAGE));
      for (const entry of this.receive(page)) known.add(identityOf(entry));
      if (page.length < PAGE) break;
    }
    await this.heal(known);
    this.windowRead = true;
  }

  private async readOn(): Promise<void> {
    const block = Math.min(LONGEST_BLOCK, this.subscriber!.maxStaleness / 4);
    const asked = this.reader.xread('COUNT', PAGE, 'BLOCK', block, 'STREAMS', this.key, this.position);
    const reply = (await this.ask<unknown>(asked, block)) as
      readonly (readonly [string, Entry[]])[] | Readonly<Record<string, Entry[]>> | null;
    // RESP3 answers with a map, which ioredis gives as pairs or as an object.
    const entries = reply && (Array.isArray(reply) ? reply[0]?.[1] : (reply as Record<string, Entry[]>)[this.key]);
    if (entries && entries.length > 0) this.receive(entries);
    else await this.lookBack();
  }

  /** Nothing new: is what we read last still there? A store that fell back would never tell us of its new entries. */
  private async lookBack(): Promise<void> {
    const [last] = await this.ask<Entry[]>(this.reader.xrevrange(this.key, '+', '-', 'COUNT', 1));
    if (this.position !== '0-0' && (!last || isBefore(last[0], this.position))) this.windowRead = false;
  }

  /** Publishes again what this instance holds and the feed has lost, with its first time; left to those who may write. */
  private async heal(known: ReadonlySet<string>): Promise<void> {
    if (!this.client) return;
    const lost = [...this.subscriber!.held()].filter((entry) => !known.has(identityOf(entry)));
    if (lost.length === 0) return;
    this.logger.warn(`The store has lost ${lost.length} revocations, which are published again.`);
    for (let from = 0; from < lost.length; from += PAGE) await this.append(this.client, lost.slice(from, from + PAGE));
  }

  private receive(entries: readonly Entry[]): PublishedRevocation[] {
    if (entries.length === 0) return [];
    this.position = entries.at(-1)![0];
    const heard = entries.flatMap(([id, [, text, , at]]) => {
      // Releases before this one gave an entry no time but that of its id.
      const entry = unpackRevocation(text ?? '', Number(at ?? timeOf(id)));
      if (entry !== 'unreadable') return entry ?? [];
      this.noteUnreadable(id);
      return [];
    });
    this.subscriber!.receive(heard);
    return heard;
  }

  private noteUnreadable(id: string): void {
    if (!this.unreadable.note(id, performance.now(), this.subscriber!.retention)) return;
    this.logger.error(
      'The feed holds a revocation in a format of a newer version of Keyturn: whom it calls back is not known here, so ' +
        'this instance counts as stale. Go back one release at a time.',
    );
  }

  private ask<T>(reply: Promise<T>, waits = 0): Promise<T> {
    return settleInTime(this.reader, reply, waits + this.commandTimeout, (answer) => answer);
  }
}
