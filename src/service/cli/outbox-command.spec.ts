import { sql } from 'drizzle-orm';
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { openUsersDatabase, type UsersDatabase } from '../../../test/support/users-databases.js';
import { enqueue } from '../outbox/outbox-entry.js';
import { OutboxTable } from '../outbox/outbox-table.js';
import { runOutboxCommand } from './outbox-command.js';
import { UsageError } from '../arguments/usage-error.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');

let opening: UsersDatabase;
let table: OutboxTable;
let printed: string[];
beforeAll(async () => {
  opening = await openUsersDatabase('the embedded database');
  table = new OutboxTable(opening.database);
});
afterAll(() => opening.stop());
beforeEach(async () => {
  await opening.database.db.execute(sql`truncate outbox`);
  printed = [];
});

const run = (args: string) =>
  runOutboxCommand(args.split(' ').filter(Boolean), {
    open: async () => table,
    print: (line) => void printed.push(line),
    now: async () => NOW,
  });
const write = () => enqueue(opening.database.db, { topic: 'account-mail', subject: 'ann@shop.example', body: {} }, NOW);
/** An entry whose first attempt failed for good. */
async function givenUp() {
  const { id } = await write();
  const [leased] = await table.lease({ name: 'account-mail', isOrdered: false }, NOW, NOW + 1, 1);
  await table.failed(leased!, 'The mail server refused it (550).', null);
  return id;
}

describe('keyturn outbox', () => {
  it('prints what waits and what was given up, with the reason', async () => {
    const lost = await givenUp();
    const { id } = await write();
    await run('');
    expect(printed).toEqual([
      `${lost}  account-mail  ann@shop.example  since 2026-03-01T12:00:00.000Z  undeliverable  1 failed or under way  The mail server refused it (550).`,
      `${id}  account-mail  ann@shop.example  since 2026-03-01T12:00:00.000Z  next attempt 2026-03-01T12:00:00.000Z  0 failed or under way`,
    ]);
  });

  it('prints the oldest thousand, and says that there are more', async () => {
    const rows = sql`select gen_random_uuid(), 'account-mail', i::text, '{}', ${NOW}, ${NOW} from generate_series(1, 1001) i`;
    await opening.database.db.execute(sql`insert into outbox (id, topic, subject, body, created, due) ${rows}`);
    await run('list');
    expect(printed).toHaveLength(1001);
    expect(printed.at(-1)).toBe('These are the oldest 1000. There are more.');
  });

  it('says so when there is nothing', async () => {
    await run('list');
    expect(printed).toEqual(['Nothing waits, and nothing was given up.']);
  });

  it('makes one entry or all of them due again', async () => {
    const ids = [await givenUp(), await givenUp()];
    await run(`retry ${ids[0]}`);
    expect((await table.list(10)).map(({ due }) => due)).toEqual([NOW, null]);
    await run('retry');
    expect((await table.list(10)).map(({ due }) => due)).toEqual([NOW, NOW]);
    expect(printed).toEqual(['1 will be tried again within a minute.', '2 will be tried again within a minute.']);
  });

  it('forgets an entry', async () => {
    await run(`drop ${await givenUp()}`);
    expect(await table.list(10)).toEqual([]);
  });

  it.each(['retry', 'drop'])('says that there is no entry to %s', async (command) => {
    await expect(run(`${command} ${randomUUID()}`)).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each(['send', 'list x', 'drop', 'drop x', 'retry x', 'retry 1 2'])("refuses 'outbox %s'", async (args) => {
    await expect(run(args)).rejects.toThrow(UsageError);
  });

  it('does what the guide says', async () => {
    const guide = readFileSync('docs/operations.md', 'utf8');
    const commands = [...guide.matchAll(/npm run -s keyturn -- outbox ?(.*)/g)].map(([, args]) => args!);
    expect(commands.length).toBeGreaterThan(1);
    for (const args of commands) await run(args);
  });
});
