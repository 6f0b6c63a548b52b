import { sql } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import { openUsersDatabase, USERS_DATABASES } from '../../../test/support/users-databases.js';
import type { Database } from './database.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations.js';
import type { Migration } from './migrations.js';
import { outbox } from './outbox.schema.js';
import { mailsSent, tickets } from './tickets.schema.js';
import { schemaMigrations, users } from './users.schema.js';

describe.each(USERS_DATABASES)('on %s', (where) => {
  let database: Database;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ database, stop } = await openUsersDatabase(where));
  });
  afterAll(() => stop());

  const applied = async () => (await database.db.select().from(schemaMigrations)).map(({ id }) => id);
  const step = (id: string, name: string): Migration => ({ id, statements: [`create table ${name} (n int)`] });
  const exists = async (name: string) => {
    const rows: unknown = await database.db.execute(sql`select to_regclass(${name}) is not null as there`);
    return (rows as { rows: { there: boolean }[] }).rows[0]!.there;
  };

  describe('migrations', () => {
    it('are all noted, in their order', async () => {
      expect((await applied()).slice(0, MIGRATIONS.length)).toEqual(MIGRATIONS.map(({ id }) => id));
      expect(new Set(MIGRATIONS.map(({ id }) => id)).size).toBe(MIGRATIONS.length);
    });

    it('run once, however often and by however many they are started', async () => {
      const once = [...MIGRATIONS, step('t-once', 'once')];
      await Promise.all([migrate(database.db, once), migrate(database.db, once), migrate(database.db, once)]);
      await migrate(database.db, once);
      expect((await applied()).filter((id) => id === 't-once')).toHaveLength(1);
    });

    it('take as long as they need, whatever the role may: a step that is cut begins anew, and locks the table again', async () => {
      const slow: Migration = { id: 't-slow', statements: ['select pg_sleep(0.3)'] };
      await database.unhurried(async (db) => {
        await db.execute(sql`set statement_timeout = '100ms'`);
        await migrate(db, [slow]);
        await db.execute(sql`reset statement_timeout`);
      });
      expect(await applied()).toContain('t-slow');
    });

    it('leave nothing of a step that fails in its middle, and stop there', async () => {
      const broken: Migration = {
        id: 't-broken',
        statements: ['create table half (n int)', 'create tabel whole (n int)'],
      };
      await expect(migrate(database.db, [broken, step('t-after', 'later')])).rejects.toThrow();
      expect(await exists('half')).toBe(false);
      expect(await exists('later')).toBe(false);
      expect(await applied()).not.toContain('t-broken');
    });

    it.each([users, outbox, tickets, mailsSent])('make the columns that the code reads, all of %#', async (table) => {
      const { name: of } = getTableConfig(table);
      const found: unknown = await database.db.execute(
        sql`select column_name, is_nullable = 'NO' as required from information_schema.columns where table_name = ${of}`,
      );
      const made = (found as { rows: { column_name: string; required: boolean }[] }).rows;
      const read = getTableConfig(table).columns.map(({ name, notNull }) => ({ column_name: name, required: notNull }));
      const byName = (a: { column_name: string }, b: { column_name: string }) =>
        a.column_name.localeCompare(b.column_name);
      expect(made.sort(byName)).toEqual(read.sort(byName));
    });

    it('bring what a version before had yet to announce, and its tickets, into the tables of this one', async () => {
      const NOW = 1_800_000_000_000;
      const [sub, ticketOf] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
      await database.db.execute(sql`drop table outbox, tickets, mails_sent`);
      await database.db.execute(sql`alter table users drop column email_verified, drop column pending`);
      await database.db.execute(sql`delete from schema_migrations where id in ('0003-outbox', '0004-tickets')`);
      await database.db.execute(sql`insert into announcements_owed values (${sub}, 'generation', ${NOW})`);
      await database.db.execute(
        sql`insert into users (id, email, email_key, reset_ticket_hash, reset_ticket_expires)
          values (${ticketOf}, 'a@b.example', 'a@b.example', 'hash', ${NOW})`,
      );
      await migrate(database.db);
      expect(await database.db.select().from(outbox)).toMatchObject([
        { topic: 'sessions', subject: sub, body: { kind: 'generation', value: NOW }, due: 0 },
      ]);
      expect(await database.db.select().from(tickets)).toMatchObject([
        { sub: ticketOf, kind: 'password-reset', hash: 'hash', expires: NOW, address: null },
      ]);
    });
  });
});
