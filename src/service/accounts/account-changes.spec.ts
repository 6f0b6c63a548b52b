import { eq, sql } from 'drizzle-orm';
import { openUsersDatabase, USERS_DATABASES } from '../../../test/support/users-databases.js';
import { AccountChanges } from './account-changes.js';
import type { Database } from '../database/database.js';
import { HashQueue } from './hash-queue.js';
import { OutboxTable } from '../outbox/outbox-table.js';
import { announcementOf, ANNOUNCEMENTS } from './announcement.js';
import { PasswordHasher } from './passwords.js';
import { TICKET_LIFE } from './tickets.js';
import { outbox } from '../database/outbox.schema.js';
import { tickets } from '../database/tickets.schema.js';
import { users } from '../database/users.schema.js';
import { UsersService } from './users.service.js';

const NOW = 1_800_000_000_400;
const NOBODY = '00000000-0000-4000-8000-000000000000';

describe.each(USERS_DATABASES)('on %s', (where) => {
  let database: Database;
  let stop: () => Promise<void>;
  let changes: AccountChanges;
  let entries: OutboxTable;
  let id: string;

  beforeAll(async () => {
    ({ database, stop } = await openUsersDatabase(where));
    changes = new AccountChanges(database);
    entries = new OutboxTable(database);
  });
  afterAll(() => stop());
  beforeEach(async () => {
    await database.db.execute(sql`truncate users, outbox, tickets`);
    const hasher = new PasswordHasher(new HashQueue(), { memoryCost: 8, timeCost: 1, parallelism: 1 });
    ({ id } = await new UsersService(database, hasher).register('ann@shop.example', 'correct horse', ['buyer']));
    await set({ passwordHash: 'old' });
  });

  const set = (values: Partial<typeof users.$inferInsert>) =>
    database.db.update(users).set(values).where(eq(users.id, id));
  const row = async () => (await database.db.select().from(users).where(eq(users.id, id)))[0]!;
  const told = async () => (await entries.list(100)).map(announcementOf).map(({ kind, value }) => [kind, value]);

  describe('raising the generation', () => {
    it('takes the time, so that any token signed before is below it, and writes what is to be told', async () => {
      const announcement = { id: expect.any(String), sub: id, kind: 'generation', value: NOW };
      expect(await changes.revokeAll(id, NOW)).toEqual(announcement);
      expect((await row()).generation).toBe(NOW);
      expect(await told()).toEqual([['generation', NOW]]);
    });

    it('goes up where the clock does not, because a clock may be set back', async () => {
      await set({ generation: NOW + 5_000 });
      expect((await changes.revokeAll(id, NOW))!.value).toBe(NOW + 5_001);
    });

    it('gives each of many at once a higher one, and announces each', async () => {
      const raised = await Promise.all(Array.from({ length: 8 }, () => changes.revokeAll(id, NOW)));
      expect(new Set(raised.map((announcement) => announcement!.value)).size).toBe(8);
      expect((await row()).generation).toBe(NOW + 7);
      const values = (await told()).map(([, value]) => value as number);
      expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, n) => NOW + n));
    });
  });

  describe('an announcement', () => {
    it('leaves its writer five seconds to tell it, and is due then', async () => {
      await changes.revokeAll(id, NOW);
      const topic = { name: ANNOUNCEMENTS, isOrdered: false };
      expect(await entries.lease(topic, NOW + 4_999, NOW + 60_000, 10)).toEqual([]);
      expect(await entries.lease(topic, NOW + 5_000, NOW + 60_000, 10)).toMatchObject([{ subject: id }]);
    });

    it('is not written when the change fails, since both are one transaction', async () => {
      await database.db.execute(sql`alter table outbox rename to elsewhere`);
      await expect(changes.changePassword(id, 'old', 'new', NOW)).rejects.toMatchObject({ code: 'store_unavailable' });
      await database.db.execute(sql`alter table elsewhere rename to outbox`);
      expect(await row()).toMatchObject({ passwordHash: 'old', generation: 0 });
    });
  });

  describe('changing the password', () => {
    it('replaces the hash that was verified, and the generation with it', async () => {
      expect(await changes.changePassword(id, 'old', 'new', NOW)).toMatchObject({ value: NOW });
      expect(await row()).toMatchObject({ passwordHash: 'new', generation: NOW });
    });

    it.each([
      ['the hash is another by now', { passwordHash: 'other' }],
      ['the account was disabled', { disabled: true }],
    ])('does nothing when %s', async (_, meanwhile) => {
      await set(meanwhile);
      expect(await changes.changePassword(id, 'old', 'new', NOW)).toBeNull();
      expect((await row()).generation).toBe(0);
      expect(await told()).toEqual([]);
    });
  });

  describe('a ticket', () => {
    it('is kept as a hash only', async () => {
      const { ticket } = (await changes.issueTicket(id, NOW))!;
      const [kept] = await database.db.select().from(tickets);
      expect(kept).toMatchObject({ sub: id, kind: 'password-reset' });
      expect(JSON.stringify([kept, await row()])).not.toContain(ticket);
    });

    it('ends half an hour after it was made, at a whole second', async () => {
      const { ticket, expiresAt } = (await changes.issueTicket(id, NOW))!;
      expect(expiresAt).toBe(NOW - 400 + TICKET_LIFE);
      expect(await changes.holderOf(ticket, expiresAt - 1)).toContain('@');
      expect(await changes.holderOf(ticket, expiresAt)).toBeNull();
      expect(await changes.redeemTicket(ticket, 'new', expiresAt)).toBeNull();
      expect(await changes.redeemTicket(ticket, 'new', expiresAt - 1)).toMatchObject({ sub: id });
      expect(await row()).toMatchObject({ passwordHash: 'new' });
      expect(await database.db.$count(tickets)).toBe(0);
    });
  });

  describe('a ticket that was not used', () => {
    it.each<[string, () => Promise<unknown>]>([
      ['another ticket', () => changes.issueTicket(id, NOW + 1)],
      ['a change of the password', () => changes.changePassword(id, 'old', 'new', NOW + 1)],
      ['the end of all sessions', () => changes.revokeAll(id, NOW + 1)],
      ['disabling', () => changes.patch(id, { disabled: true }, NOW + 1)],
      ['deleting', () => changes.remove(id, NOW + 1)],
    ])('is void after %s', async (_, happens) => {
      const { ticket } = (await changes.issueTicket(id, NOW))!;
      await happens();
      expect(await changes.holderOf(ticket, NOW + 2)).toBeNull();
      expect(await changes.redeemTicket(ticket, 'stolen', NOW + 2)).toBeNull();
    });

    it('is used by one of many who come at once', async () => {
      const { ticket } = (await changes.issueTicket(id, NOW))!;
      const used = await Promise.all(['a', 'b', 'c', 'd'].map((hash) => changes.redeemTicket(ticket, hash, NOW + 1)));
      expect(used.filter((announcement) => announcement !== null)).toHaveLength(1);
    });
  });

  describe('a patch', () => {
    it('announces the claims for roles, equal ones too, so that the same call again heals one that was cut off', async () => {
      const { user } = (await changes.patch(id, { roles: ['buyer'] }, NOW))!;
      expect(user.roles).toEqual(['buyer']);
      expect((await row()).generation).toBe(0);
      expect(await told()).toEqual([['claims', NOW]]);
    });

    it('announces a generation for disabling, and nothing for enabling', async () => {
      await changes.patch(id, { disabled: true }, NOW);
      expect(await row()).toMatchObject({ disabled: true, generation: NOW });
      await database.db.delete(outbox);
      await changes.patch(id, { disabled: false }, NOW + 1);
      expect(await row()).toMatchObject({ disabled: false, generation: NOW });
      expect(await told()).toEqual([]);
    });

    it('does both at once', async () => {
      const { user } = (await changes.patch(id, { disabled: true, roles: [] }, NOW))!;
      expect(user).toMatchObject({ disabled: true, roles: [] });
      expect(await row()).toMatchObject({ disabled: true, roles: [], generation: NOW });
      expect(await told()).toEqual(
        expect.arrayContaining([
          ['claims', NOW],
          ['generation', NOW],
        ]),
      );
    });
  });

  describe('the last administrator who can log in', () => {
    it.each<[string, Partial<typeof users.$inferInsert>]>([
      ['was disabled', { disabled: true }],
      ['has no password yet', { passwordHash: null }],
      ['was registered by nobody yet', { pending: true }],
    ])('stays where the only other one %s, since nobody could give the role again', async (_, values) => {
      await set({ roles: ['admin'] });
      const other = { email: 'bob@shop.example', emailKey: 'bob@shop.example', passwordHash: 'old', roles: ['admin'] };
      await database.db.insert(users).values({ ...other, ...values });
      for (const change of [{ roles: [] }, { disabled: true }]) {
        await expect(changes.patch(id, change, NOW)).rejects.toMatchObject({ code: 'last_administrator' });
      }
      await expect(changes.remove(id, NOW)).rejects.toMatchObject({ code: 'last_administrator' });
      await database.db.update(users).set({ disabled: false, passwordHash: 'new', pending: false });
      expect(await changes.remove(id, NOW)).toMatchObject({ sub: id });
    });
  });

  describe('deleting', () => {
    it('leaves what is to be told when the row is gone', async () => {
      await changes.remove(id, NOW);
      expect(await row()).toBeUndefined();
      expect((await entries.of(ANNOUNCEMENTS, id)).map(announcementOf)).toMatchObject([
        { kind: 'generation', value: NOW },
      ]);
    });
  });

  it.each(['', 'x', '*', "'--", '\0', NOBODY])('finds nobody under %j, rather than failing on it', async (nobody) => {
    expect(await changes.revokeAll(nobody, NOW)).toBeNull();
    expect(await changes.changePassword(nobody, 'old', 'new', NOW)).toBeNull();
    expect(await changes.issueTicket(nobody, NOW)).toBeNull();
    expect(await changes.patch(nobody, { disabled: true }, NOW)).toBeNull();
    expect(await changes.remove(nobody, NOW)).toBeNull();
  });
});
