import { Logger } from '@nestjs/common';
import { AuthError } from '../../auth.errors.js';
import { lostRevocations } from '../../revocation/healing.js';
import { RetentionMarks } from '../../revocation/retention.js';
import type { PublishedRevocation, Revocation, RevocationSubscriber } from '../../revocation/revocation-feed.js';
import { settleInTime } from './redis-deadline.js';
import { redisTime } from './redis-time.js';
import { REDIS_FEED_SCRIPTS } from './redis-feed-scripts.js';
import { runScript, type RedisScript } from './redis-script.js';
import type { RedisClient } from './redis-connection-options.js';
import { packRevocation } from './revocation-codec.js';

/** Entries in one command. */
const PAGE = 1_000;

/** The end of the feed that writes: publishes, gives a store that went back in time what it lost, and keeps the marks. */
export class RedisFeedWriter {
  private readonly logger = new Logger('Keyturn');
  /** Of everybody, as far as they were ever read. */
  private readonly marks = new RetentionMarks();
  /** Those that the stream holds now. */
  private kept = new RetentionMarks();
  /** By how much the store's clock is ahead of the monotonic one; undefined before it was asked. */
  private storeOffset?: number;
  /** What must be published again. */
  private lost: readonly PublishedRevocation[] = [];
  /** Whose effects must be repeated. */
  private undone: readonly PublishedRevocation[] = [];
  private nodesChanged = false;
  private busy = false;
  private isRead = false;
  /** What was written here and not read yet, text by id: the stream must have it. Empty where nobody reads the stream. */
  readonly unread = new Map<string, string>();
  /** What was read last: the answer to what wrote it may come after it. */
  private justRead: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly client: RedisClient,
    private readonly key: string,
    private readonly commandTimeout: number,
  ) {
    // In a cluster the sessions of other nodes may go back in time, and the stream does not show it.
    if ('nodes' in client) for (const event of ['+node', '-node']) client.on(event, () => (this.nodesChanged = true));
  }

  /** @returns the entries as they were published */
  async publish(revocations: readonly Revocation[], retention: number): Promise<PublishedRevocation[]> {
    const keepFor = this.marks.longest(retention, this.storeTime());
    const at = await this.append(revocations, keepFor);
    return revocations.map((revocation) => ({ keepFor, at, ...revocation }));
  }

  /** Milliseconds, by the store's clock. */
  time(): Promise<number> {
    return redisTime(this.client, this.commandTimeout);
  }

  /** A mark was read in the stream. */
  noteMark(retention: number, at: number): void {
    this.marks.note(retention, at);
    this.kept.note(retention, at);
  }

  /** Entries of the stream were read, each with its text. */
  noteRead(entries: readonly (readonly [id: string, text: string])[]): void {
    this.justRead = new Map(entries);
    for (const [id, text] of entries) if (this.unread.get(id) === text) this.unread.delete(id);
  }

  /** The whole stream is about to be read, and what it lacks will be seen at the end. */
  beginWindow(): void {
    this.isRead = true;
    this.kept = new RetentionMarks();
    this.unread.clear();
  }

  /** The whole stream was read. */
  endWindow(held: Iterable<PublishedRevocation>, kept: Iterable<PublishedRevocation>): void {
    this.lost = lostRevocations(held, kept);
    if (this.lost.length === 0) return;
    this.undone = this.lost;
    this.logger.warn(`Revocations that the store has lost and that are published again: ${this.lost.length}.`);
  }

  /**
   * Gives the store back what it has lost. First what the revocations did to the sessions, since a published entry tells
   * the other instances that all is done. Called after each reading, so what fails now is tried again; never throws.
   */
  async heal(subscriber: RevocationSubscriber): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      if (this.nodesChanged) this.undone = [...subscriber.held()];
      this.nodesChanged = false;
      await this.giveBack(subscriber);
      await this.mark(subscriber.retention);
    } catch (error) {
      // Of a store that is away the client tells; whatever else it is must not end the process.
      if (!(error instanceof AuthError)) this.logger.error(`Lost revocations cannot be given back: ${String(error)}`);
    } finally {
      this.busy = false;
    }
  }

  private async giveBack(subscriber: RevocationSubscriber): Promise<void> {
    for (let { undone } = this; undone.length > 0; undone = this.undone) {
      await subscriber.lost(undone.slice(0, PAGE));
      if (this.undone === undone) this.undone = undone.slice(PAGE);
    }
    for (let { lost } = this; lost.length > 0; lost = this.lost) {
      await this.append(lost.slice(0, PAGE), subscriber.retention);
      if (this.lost === lost) this.lost = lost.slice(PAGE);
    }
  }

  private append(entries: readonly (Revocation | PublishedRevocation)[], keepFor: number): Promise<number> {
    const packed = entries.map((entry) => packRevocation(entry, keepFor));
    return this.write(REDIS_FEED_SCRIPTS.publish, [keepFor, ...packed]);
  }

  /** Tells the other instances for how long this one needs entries, now and then. */
  private async mark(retention: number): Promise<void> {
    if (this.storeOffset !== undefined && !this.kept.isDue(retention, this.storeTime())) return;
    this.storeOffset = (await this.time()) - performance.now();
    const now = this.storeTime();
    if (!this.kept.isDue(retention, now)) return;
    await this.write(REDIS_FEED_SCRIPTS.mark, [retention]);
    this.noteMark(retention, now);
  }

  /** @returns the time of publication, milliseconds by the store's clock */
  private write(script: RedisScript, args: readonly (string | number)[]): Promise<number> {
    const write = () => runScript(this.client, script, this.key, args) as Promise<[id: Buffer, at: number]>;
    return settleInTime(this.client, write, this.commandTimeout, ([name, at]) => {
      const [id, text] = [name.toString(), String(args.at(-1))];
      if (this.isRead && id !== '' && this.justRead.get(id) !== text) this.unread.set(id, text);
      return at;
    });
  }

  /** By the last measurement; before it all marks count. */
  private storeTime(): number {
    return performance.now() + (this.storeOffset ?? 0);
  }
}
