import { eq, sql } from 'drizzle-orm';
import { openUsersDatabase, USERS_DATABASES } from '../../../test/support/users-databases.js';
import { AccountChanges } from './account-changes.js';
import type { Database } from '../database/database.js';
import { HashQueue } from './hash-queue.js';
import { OwedAnnouncements } from './owed-announcements.js';
import { PasswordHasher } from './passwords.js';
import { TICKET_LIFE } from './reset-ticket.js';
import { announcementsOwed, users } from '../database/users.schema.js';
import { UsersService } from './users.service.js';

const NOW = 1_800_000_000_400;
const NOBODY = '00000000-0000-4000-8000-000000000000';

describe.each(USERS_DATABASES)('on %s', (where) => {
  let database: Database;
  let stop: () => Promise<void>;
  let changes: AccountChanges;
  let owed: OwedAnnouncements;
  let id: string;

  beforeAll(async () => {
    ({ database, stop } = await openUsersDatabase(where));
    changes = new AccountChanges(database);
    owed = new OwedAnnouncements(database);
  }, 120_000);
  afterAll(() => stop());
  beforeEach(async () => {
    await database.db.execute(sql`truncate users, announcements_owed`);
    const hasher = new PasswordHasher(new HashQueue(), { memoryCost: 8, timeCost: 1, parallelism: 1 });
    ({ id } = await new UsersService(database, hasher).register('ann@shop.example', 'correct horse', ['buyer']));
    await set({ passwordHash: 'old' });
  });

  const set = (values: Partial<typeof users.$inferInsert>) =>
    database.db.update(users).set(values).where(eq(users.id, id));
  const row = async () => (await database.db.select().from(users).where(eq(users.id, id)))[0]!;
  const debts = async () => (await owed.list(100)).map(({ kind, value }) => [kind, value]);

  describe('raising the generation', () => {
    it('takes the time, so that any token signed before is below it, and notes the debt', async () => {
      expect(await changes.revokeAll(id, NOW)).toEqual({ sub: id, kind: 'generation', value: NOW });
      expect((await row()).generation).toBe(NOW);
      expect(await debts()).toEqual([['generation', NOW]]);
    });

    it('goes up where the clock does not, because a clock may be set back', async () => {
      await set({ generation: NOW + 5_000 });
      expect((await changes.revokeAll(id, NOW))!.value).toBe(NOW + 5_001);
    });

    it('gives each of many at once a higher one, and owes the highest', async () => {
      const raised = await Promise.all(Array.from({ length: 8 }, () => changes.revokeAll(id, NOW)));
      expect(new Set(raised.map((debt) => debt!.value)).size).toBe(8);
      expect((await row()).generation).toBe(NOW + 7);
      expect(await debts()).toEqual([['generation', NOW + 7]]);
    });
  });

  describe('a debt', () => {
    it('is gone when it was paid, but not when a higher one came meanwhile', async () => {
      const first = (await changes.revokeAll(id, NOW))!;
      const second = (await changes.revokeAll(id, NOW))!;
      await owed.paid(first);
      expect(await debts()).toEqual([['generation', second.value]]);
      await owed.paid(second);
      expect(await debts()).toEqual([]);
    });

    it('is listed the longest owed first, and no more of them than asked for', async () => {
      const subs = [2, 0, 1].map((n) => ({ sub: `0000000${n}-0000-4000-8000-000000000000`, value: n }));
      await database.db
        .insert(announcementsOwed)
        .values(subs.map((debt) => ({ ...debt, kind: 'generation' as const })));
      expect((await owed.list(2)).map(({ value }) => value)).toEqual([0, 1]);
    });

    it('is not noted when the change fails, since both are one transaction', async () => {
      await database.db.execute(sql`alter table announcements_owed rename to elsewhere`);
      await expect(changes.changePassword(id, 'old', 'new', NOW)).rejects.toMatchObject({ code: 'store_unavailable' });
      await database.db.execute(sql`alter table elsewhere rename to announcements_owed`);
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
      expect(await debts()).toEqual([]);
    });
  });

  describe('a ticket', () => {
    it('is kept as a hash only', async () => {
      const { ticket } = (await changes.issueTicket(id, NOW))!;
      expect(JSON.stringify(await row())).not.toContain(ticket);
    });

    it('ends half an hour after it was made, at a whole second', async () => {
      const { ticket, expiresAt } = (await changes.issueTicket(id, NOW))!;
      expect(expiresAt).toBe(NOW - 400 + TICKET_LIFE);
      expect([await changes.knowsTicket(ticket, expiresAt - 1), await changes.knowsTicket(ticket, expiresAt)]).toEqual([
        true,
        false,
      ]);
      expect(await changes.redeemTicket(ticket, 'new', expiresAt)).toBeNull();
      expect(await changes.redeemTicket(ticket, 'new', expiresAt - 1)).toMatchObject({ sub: id });
      expect(await row()).toMatchObject({ passwordHash: 'new', resetTicketHash: null, resetTicketExpires: null });
    });
  });

  describe('a patch', () => {
    it('owes the claims for roles, equal ones too, so that the same call again heals one that was cut off', async () => {
      const { user } = (await changes.patch(id, { roles: ['buyer'] }, NOW))!;
      expect(user.roles).toEqual(['buyer']);
      expect((await row()).generation).toBe(0);
      expect(await debts()).toEqual([['claims', NOW]]);
    });

    it('owes a generation for disabling, and nothing for enabling', async () => {
      await changes.patch(id, { disabled: true }, NOW);
      expect(await row()).toMatchObject({ disabled: true, generation: NOW });
      await database.db.delete(announcementsOwed);
      await changes.patch(id, { disabled: false }, NOW + 1);
      expect(await row()).toMatchObject({ disabled: false, generation: NOW });
      expect(await debts()).toEqual([]);
    });

    it('does both at once', async () => {
      const { user } = (await changes.patch(id, { disabled: true, roles: [] }, NOW))!;
      expect(user).toMatchObject({ disabled: true, roles: [] });
      expect(await row()).toMatchObject({ disabled: true, roles: [], generation: NOW });
      expect(await debts()).toEqual(
        expect.arrayContaining([
          ['claims', NOW],
          ['generation', NOW],
        ]),
      );
    });
  });

  describe('deleting', () => {
    it('leaves the debt when the row is gone', async () => {
      await changes.remove(id, NOW);
      expect(await row()).toBeUndefined();
      expect(await owed.of(id)).toEqual([{ sub: id, kind: 'generation', value: NOW }]);
    });
  });

  it.each(['', 'x', '*', "'--", '\0', NOBODY])('finds nobody under %j, rather than failing on it', async (nobody) => {
    expect(await changes.revokeAll(nobody, NOW)).toBeNull();
    expect(await changes.changePassword(nobody, 'old', 'new', NOW)).toBeNull();
    expect(await changes.issueTicket(nobody, NOW)).toBeNull();
    expect(await changes.patch(nobody, { disabled: true }, NOW)).toBeNull();
    expect(await changes.remove(nobody, NOW)).toBeNull();
    expect(await owed.of(nobody)).toEqual([]);
  });
});
