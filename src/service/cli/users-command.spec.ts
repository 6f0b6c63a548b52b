import { sql } from 'drizzle-orm';
import { UsageError } from '../arguments/usage-error.js';
import { runUsersCommand, type UsersCommandContext } from './users-command.js';
import { AccountChanges } from '../accounts/account-changes.js';
import type { Database } from '../database/database.js';
import { openUsersDatabase, type UsersDatabase } from '../../../test/support/users-databases.js';
import { HashQueue } from '../accounts/hash-queue.js';
import { PasswordRules } from '../accounts/password-rules.js';
import { PasswordHasher } from '../accounts/passwords.js';
import { UsersService } from '../accounts/users.service.js';

const PASSWORD = 'correct horse battery';
const NOW = Date.parse('2026-03-01T12:00:00Z');

let opening: UsersDatabase;
let database: Database;
let users: UsersService;
let changes: AccountChanges;
let printed: string[];
let opened: number;

beforeAll(async () => {
  opening = await openUsersDatabase('the embedded database');
  database = opening.database;
  users = new UsersService(
    database,
    new PasswordHasher(new HashQueue(), { memoryCost: 8, timeCost: 1, parallelism: 1 }),
  );
  changes = new AccountChanges(database);
});
afterAll(() => opening.stop());
beforeEach(async () => {
  await database.db.execute(sql`truncate users`);
  [printed, opened] = [[], 0];
});

const run = (args: string, more: Partial<UsersCommandContext> = {}) =>
  runUsersCommand(args.split(' ').filter(Boolean), {
    open: async () => {
      opened++;
      return { users, changes, database };
    },
    readPassword: async () => PASSWORD,
    print: (text) => void printed.push(text),
    rules: async () => new PasswordRules({ minLength: 8, service: 'shop.example', breached: null }),
    now: async () => NOW,
    ...more,
  });

describe('keyturn users', () => {
  it('makes the first administrator, who can log in', async () => {
    await run('add --email root@shop.example --role admin --role buyer');
    const { user } = await users.authenticate('root@shop.example', PASSWORD);
    expect(user.roles).toEqual(['admin', 'buyer']);
    expect(printed).toEqual([`${user.id}  root@shop.example  admin,buyer`]);
  });

  it('invites instead of asking for a password', async () => {
    await run('add --email root@shop.example --invite', { readPassword: () => Promise.reject(new Error('asked')) });
    const [, ticket] = /^ticket ([\w-]{43}) until 2026-03-01T12:30:00\.000Z$/.exec(printed[1]!)!;
    expect(await changes.holderOf(ticket!, NOW)).not.toBeNull();
  });

  it('lists, disables, enables and resets', async () => {
    await run('add --email ann@shop.example');
    await run('disable ANN@shop.example');
    await run('list');
    expect(printed.slice(1)).toEqual([`${printed[0]}  disabled`, `${printed[0]}  disabled`]);
    await expect(users.authenticate('ann@shop.example', PASSWORD)).rejects.toMatchObject({
      code: 'invalid_credentials',
    });
    await run('enable ann@shop.example');
    await users.authenticate('ann@shop.example', PASSWORD);
    await run('reset ann@shop.example');
    expect(printed.at(-1)).toMatch(/^ticket /);
  });

  it('lists all accounts, however many, the newest first', async () => {
    const rows = sql`select gen_random_uuid(), i || '@shop.example', i || '@shop.example', timestamptz 'epoch' + i * interval '1 day'
      from generate_series(1, 1001) i`;
    await database.db.execute(sql`insert into users (id, email, email_key, created_at) ${rows}`);
    await run('list');
    const listed = printed.map((text) => text.split('  ')[1]);
    expect(listed).toEqual(Array.from({ length: 1001 }, (_, index) => `${1001 - index}@shop.example`));
  });

  it.each([
    ['an address that has an account', 'add --email ann@shop.example', 'email_taken'],
    ['an address that has none', 'disable bob@shop.example', 'not_found'],
    ['an address that has none', 'reset bob@shop.example', 'not_found'],
  ])('says so of %s: %s', async (_, args, code) => {
    await run('add --email ann@shop.example');
    await expect(run(args)).rejects.toMatchObject({ code });
  });

  it('makes an administrator of somebody who registered, and takes it back while there is another', async () => {
    await users.register('root@shop.example', PASSWORD, ['admin']);
    await users.register('ann@shop.example', PASSWORD, ['buyer']);
    await run('role ann@shop.example --add admin --add admin');
    expect((await users.findByEmail('ann@shop.example'))!.roles).toEqual(['buyer', 'admin']);
    await run('role ann@shop.example --remove admin --remove seller');
    expect((await users.findByEmail('ann@shop.example'))!.roles).toEqual(['buyer']);
    expect(printed.map((text) => text.split('  ')[2])).toEqual(['buyer,admin', 'buyer']);
    await expect(run('role root@shop.example --remove admin')).rejects.toThrow(
      'This is the last administrator who can log in.',
    );
  });

  it('tells who has no account', async () => {
    await expect(run('role bob@shop.example --add admin')).rejects.toThrow('bob@shop.example has no account.');
  });

  it.each([
    ['rename a@shop.example', "users has no command 'rename'; it has add, import, list, role, reset, disable, enable."],
    ['list --invite', "'list' has no option --invite."],
    ['list --wrong', /^Unknown option '--wrong'\.$/],
    ['disable a@shop.example now', "unexpected argument 'now'."],
  ])('says of %j what is wrong with it', async (args, sentence) => {
    await expect(run(args)).rejects.toThrow(sentence);
  });

  it('refuses a weak password before it opens anything', async () => {
    const weak = run('add --email ann@shop.example', { readPassword: async () => 'password1' });
    await expect(weak).rejects.toMatchObject({ code: 'invalid_request' });
    expect(opened).toBe(0);
  });

  it.each([
    '',
    'remove',
    'add',
    'add ann@shop.example',
    'add --email shop',
    'add --email',
    'add --email a@shop.example --role a,b',
    'add --email a@shop.example --admin',
    `add --email a@shop.example ${Array.from({ length: 17 }, (_, n) => `--role r${n}`).join(' ')}`,
    'list all',
    'list --invite',
    'role a@shop.example',
    'role --add admin',
    'role a@shop.example --add a,b',
    'add --email a@shop.example --add admin',
    'reset',
    'disable a@shop.example b@shop.example',
  ])('calls it a wrong use, and opens nothing: %j', async (args) => {
    await expect(run(args)).rejects.toThrow(UsageError);
    expect(opened).toBe(0);
  });
});
