import { Logger } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { eventually } from '../../../test/support/eventually.js';
import { openUsersDatabase, USERS_DATABASES } from '../../../test/support/users-databases.js';
import { AuthClock } from '../../index.js';
import type { Database } from '../database/database.js';
import { outbox as rows } from '../database/outbox.schema.js';
import { enqueue, type OutboxEntry } from './outbox-entry.js';
import { OutboxTable } from './outbox-table.js';
import { DeliveryError, type OutboxTopic } from './outbox-topic.js';
import { Outbox } from './outbox.js';

Logger.overrideLogger(false);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = 1_800_000_000_000;
const RETRIES = { firstPause: 5_000, longestPause: 60 * MINUTE, giveUpAfter: DAY };

/** A receiver that can be away, and remembers what it got. */
class Receiver implements OutboxTopic {
  readonly name = 'letters';
  readonly retries = RETRIES;
  readonly retriesAtStart = false;
  readonly got: string[] = [];
  attempts = 0;
  fails?: Error;
  /** Until then no attempt ends. */
  hangs?: Promise<void>;

  constructor(readonly isOrdered = false) {}

  async deliver({ id, body }: OutboxEntry): Promise<void> {
    this.attempts++;
    await this.hangs;
    if (this.fails) throw this.fails;
    this.got.push((body as { text?: string }).text ?? id);
  }
}

describe.each(USERS_DATABASES)('an outbox on %s', (where) => {
  let database: Database;
  let stop: () => Promise<void>;
  let table: OutboxTable;
  let now: number;
  const started: Outbox[] = [];
  let letGo: () => void;
  let hanging: Promise<void>;
  beforeAll(async () => {
    ({ database, stop } = await openUsersDatabase(where));
    table = new OutboxTable(database);
  });
  afterAll(() => stop());
  beforeEach(async () => {
    now = START;
    hanging = new Promise((resolve) => (letGo = resolve));
    await database.db.execute(sql`truncate outbox`);
  });
  afterEach(async () => {
    letGo();
    await Promise.all(started.splice(0).map((outbox) => outbox.onModuleDestroy()));
  });

  /** An instance, on the clock of the test. */
  const instance = (receiver: Receiver): Outbox => {
    const outbox = new Outbox(table, new AuthClock(() => now));
    outbox.register(receiver);
    started.push(outbox);
    return outbox;
  };
  const write = (text = 'hello', subject = 'ann') =>
    enqueue(database.db, { topic: 'letters', subject, body: { text } }, now);
  const row = async (id: string) => (await database.db.select().from(rows).where(eq(rows.id, id)))[0];

  it('delivers what was written, once, and keeps nothing of it', async () => {
    const receiver = new Receiver();
    const outbox = instance(receiver);
    await write();
    await outbox.sweep('letters');
    await outbox.sweep('letters');
    expect(receiver.got).toEqual(['hello']);
    expect(await table.list(10)).toEqual([]);
  });

  it('has nothing of a cause that was rolled back', async () => {
    const receiver = new Receiver();
    const cause = database.db.transaction(async (tx) => {
      await enqueue(tx, { topic: 'letters', subject: 'ann', body: {} }, now);
      throw new Error('the cause fails');
    });
    await expect(cause).rejects.toThrow('the cause fails');
    await instance(receiver).sweep('letters');
    expect(receiver.attempts).toBe(0);
  });

  it('gives each of many entries to one of several instances that sweep at once', async () => {
    const receivers = [new Receiver(), new Receiver(), new Receiver()];
    for (let n = 0; n < 45; n++) await write(`letter ${n}`, `subject ${n}`);
    await Promise.all(receivers.map((receiver) => instance(receiver).sweep('letters')));
    const got = receivers.flatMap((receiver) => receiver.got);
    expect(got).toHaveLength(45);
    expect(new Set(got).size).toBe(45);
  });

  it('tries again after 5 s, then after twice as long each time, up to an hour', async () => {
    const receiver = new Receiver();
    const outbox = instance(receiver);
    receiver.fails = new DeliveryError('The receiver is away.');
    const { id } = await write();
    const pauses: number[] = [];
    for (let n = 0; n < 12; n++) {
      await outbox.sweep('letters');
      const { due, attempts, fault } = (await row(id))!;
      expect([attempts, fault]).toEqual([n + 1, 'The receiver is away.']);
      pauses.push((due! - now) / 1000);
      now = due! - 1;
      await outbox.sweep('letters');
      expect(receiver.attempts).toBe(n + 1);
      now = due!;
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
  });

  it('gives up after a day, and shows it until somebody asks for another attempt', async () => {
    const receiver = new Receiver();
    const outbox = instance(receiver);
    receiver.fails = new DeliveryError('The receiver is away.');
    const { id } = await write();
    await outbox.sweep('letters');
    now += DAY;
    await outbox.sweep('letters');
    expect(await row(id)).toMatchObject({ due: null, attempts: 2, fault: 'The receiver is away.' });
    expect(outbox.counts).toEqual([{ topic: 'letters', waiting: 0, undeliverable: 1 }]);
    expect(outbox.tallies.get('letters')).toEqual({ delivered: 0, failed: 2 });

    receiver.fails = undefined;
    await outbox.sweep('letters');
    expect(receiver.got).toEqual([]);
    expect(await table.retry({ id }, now)).toBe(1);
    await outbox.sweep('letters');
    expect(receiver.got).toEqual(['hello']);
    expect(outbox.counts).toEqual([]);
  });

  it('gives up at once what the receiver will never take', async () => {
    const receiver = new Receiver();
    receiver.fails = new DeliveryError('There is no such mailbox.', { isFinal: true });
    const { id } = await write();
    await instance(receiver).sweep('letters');
    expect(await row(id)).toMatchObject({ due: null, fault: 'There is no such mailbox.' });
  });

  it('forgets what was given up after thirty days', async () => {
    const receiver = new Receiver();
    const outbox = instance(receiver);
    receiver.fails = new DeliveryError('There is no such mailbox.', { isFinal: true });
    await write();
    await outbox.sweep('letters');
    now += 30 * DAY;
    await outbox.sweep('letters');
    expect(await table.list(10)).toHaveLength(1);
    now += 1;
    await outbox.sweep('letters');
    expect(await table.list(10)).toEqual([]);
  });

  it('leaves an entry to another instance, under the same id, when the one that took it dies', async () => {
    const dying = new Receiver();
    dying.hangs = hanging;
    const { id } = await write();
    const lost = instance(dying).sweep('letters');
    while (dying.attempts === 0) await new Promise((resolve) => setImmediate(resolve));
    const other = new Receiver();
    const outbox = instance(other);
    now += MINUTE - 1;
    await outbox.sweep('letters');
    expect(other.attempts).toBe(0);
    now += 1;
    await outbox.sweep('letters');
    expect([other.attempts, await row(id)]).toEqual([1, undefined]);
    letGo();
    await lost;
  });

  it('keeps the order of each subject where a topic asks for it, and does not hold up the other subjects', async () => {
    const receiver = new Receiver(true);
    const outbox = instance(receiver);
    receiver.fails = new DeliveryError('The receiver is away.');
    await write('ann 1', 'ann');
    await outbox.sweep('letters');
    receiver.fails = undefined;
    await write('ann 2', 'ann');
    await write('bob 1', 'bob');
    await outbox.sweep('letters');
    expect(receiver.got).toEqual(['bob 1']);
    now += 5_000;
    await outbox.sweep('letters');
    expect(receiver.got).toEqual(['bob 1', 'ann 1', 'ann 2']);
  });

  it('does not hold up a topic for another that hangs', async () => {
    const stuck = new Receiver();
    stuck.hangs = hanging;
    const quick = Object.assign(new Receiver(), { name: 'cards' });
    const outbox = instance(stuck);
    outbox.register(quick);
    await write();
    await enqueue(database.db, { topic: 'cards', subject: 'ann', body: { text: 'card' } }, now);
    const waiting = outbox.sweep('letters');
    await outbox.sweep('cards');
    expect(quick.got).toEqual(['card']);
    letGo();
    await waiting;
  });

  it('waits at a stop for what is under way, of every topic, so that nothing is delivered and not noted', async () => {
    const slow = new Receiver();
    slow.hangs = hanging;
    const quick = Object.assign(new Receiver(), { name: 'cards' });
    const outbox = instance(slow);
    outbox.register(quick);
    await write();
    outbox.onApplicationBootstrap();
    await eventually(() => slow.attempts === 1 && outbox.counts.length > 0);
    let isStopped = false;
    const stopped = outbox.onModuleDestroy().then(() => (isStopped = true));
    await database.db.execute(sql`select 1`);
    expect(isStopped).toBe(false);
    letGo();
    await stopped;
    expect(slow.got).toEqual(['hello']);
    expect(await table.list(1)).toEqual([]);
  });

  it("keeps and tells none of an unknown error's own words, which may hold an address or a ticket", async () => {
    const receiver = new Receiver();
    receiver.fails = Object.assign(new TypeError('ann@shop.example ticket-1'), { code: 'EENVELOPE' });
    const { id } = await write();
    await instance(receiver).sweep('letters');
    expect((await row(id))!.fault).toBe('The delivery threw TypeError EENVELOPE.');
  });
});
