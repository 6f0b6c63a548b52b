import { sql } from 'drizzle-orm';
import { openUsersDatabase, USERS_DATABASES } from '../../../test/support/users-databases.js';
import type { Database } from '../database/database.js';
import { users } from '../database/users.schema.js';
import type { Page } from './page.js';
import type { User } from './user.js';
import { newestQuery, prefixQuery, UserPages } from './user-pages.js';

describe.each(USERS_DATABASES)('pages of accounts on %s', (where) => {
  let database: Database;
  let stop: () => Promise<void>;
  let pages: UserPages;
  beforeAll(async () => {
    ({ database, stop } = await openUsersDatabase(where));
    pages = new UserPages(database);
  });
  afterAll(() => stop());
  beforeEach(() => database.db.execute(sql`truncate users`));

  const add = (...emails: readonly string[]) =>
    database.db.insert(users).values(emails.map((email) => ({ email, emailKey: email })));
  const shown = ({ items }: Page<User>): string[] => items.map(({ email }) => email);

  /** Reads a list to its end; between two pages something may happen. */
  async function all(read: (after?: string) => Promise<Page<User>>, between?: () => Promise<unknown>) {
    const found: string[] = [];
    for (let after: string | undefined; ; await between?.()) {
      const page = await read(after);
      found.push(...shown(page));
      if (page.next === undefined) return found;
      after = page.next;
    }
  }

  it('show each account once, though many were made in one instant', async () => {
    const emails = Array.from({ length: 23 }, (_, index) => `u${index}@shop.example`);
    await add(...emails);
    const found = await all((after) => pages.newest({ limit: 5, after }));
    expect(found).toHaveLength(23);
    expect(found.toSorted()).toEqual(emails.toSorted());
  });

  it('go on where they were when accounts are made meanwhile, which another page number would not', async () => {
    for (const email of ['a1@x.example', 'a3@x.example', 'a5@x.example', 'a7@x.example']) await add(email);
    let made = 0;
    const between = () => add(`a2${(made += 1)}@x.example`, `a9${made}@x.example`);
    expect(await all((after) => pages.newest({ limit: 2, after }), between)).toEqual([
      'a7@x.example',
      'a5@x.example',
      'a3@x.example',
      'a1@x.example',
    ]);
    const byAddress = await all((after) => pages.withPrefix('a', { limit: 3, after }), between);
    expect(new Set(byAddress).size).toBe(byAddress.length);
    expect(byAddress).toEqual(expect.arrayContaining(['a1@x.example', 'a3@x.example', 'a5@x.example', 'a7@x.example']));
  });

  it('go on though the account that was shown last is deleted', async () => {
    await add('a@x.example', 'b@x.example', 'c@x.example');
    const { next } = await pages.withPrefix('', { limit: 2 });
    await database.db.execute(sql`delete from users where email = 'b@x.example'`);
    expect(shown(await pages.withPrefix('', { limit: 2, after: next }))).toEqual(['c@x.example']);
  });

  it('find by how an address begins, in any case, and take no character of it for a pattern', async () => {
    await add('ann@x.example', 'anna@x.example', 'bob@x.example', 'a%b@x.example', 'ünal@x.example', '名@x.example');
    const begins = async (prefix: string) => shown(await pages.withPrefix(prefix, { limit: 10 }));
    expect(await begins(' ANN')).toEqual(['ann@x.example', 'anna@x.example']);
    expect(await begins('a%')).toEqual(['a%b@x.example']);
    expect(await begins('Ü')).toEqual(['ünal@x.example']);
    expect(await begins('名')).toEqual(['名@x.example']);
    for (const nobody of ['%', '_', 'ann@x.example.org', '\0', "' or 1=1 --"]) expect(await begins(nobody)).toEqual([]);
  });

  it.each([
    ['text', 'x'],
    ['a place in the other list', Buffer.from('["prefix","a"]').toString('base64url')],
    ['a time that is none', Buffer.from('["newest","1e9","x"]').toString('base64url')],
    ['a list', Buffer.from('["newest",["1"],"x"]').toString('base64url')],
  ])('refuse %s for a cursor, by the name of the field', async (_, after) => {
    await expect(pages.newest({ limit: 5, after })).rejects.toMatchObject({
      code: 'invalid_request',
      details: [expect.stringMatching(/^after /)],
    });
  });

  it('read an index, so that the hundredth page of many accounts takes no longer than the first', async () => {
    await database.db.execute(
      sql`insert into users (id, email, email_key, created_at)
        select gen_random_uuid(), 'u' || n || '@x.example', 'u' || n || '@x.example', now() - n * interval '1 second'
        from generate_series(1, 5000) n`,
    );
    await database.db.execute(sql`analyze users`);
    const half = { limit: 100, after: (await pages.newest({ limit: 100 })).next };
    const later = { limit: 100, after: (await pages.withPrefix('u1', { limit: 100 })).next };
    const plan = async (query: { getSQL(): unknown } | null) => {
      const found: unknown = await database.db.execute(sql`explain ${query}`);
      return (found as { rows: object[] }).rows.map((row) => Object.values(row).join()).join('\n');
    };
    for (const page of [{ limit: 100 }, half]) {
      const found = await plan(newestQuery(database.db, page));
      expect(found).toMatch(/Index Scan Backward using users_newest/);
      expect(found).not.toMatch(/Seq Scan|Sort/);
    }
    for (const page of [{ limit: 100 }, later]) {
      const found = await plan(prefixQuery(database.db, 'u1', page));
      expect(found).toMatch(/Index Scan using users_email_prefix/);
      expect(found).not.toMatch(/Seq Scan|Sort/);
    }
  });
});
