import { scryptSync } from 'node:crypto';
import { hash as bcryptHash } from '@node-rs/bcrypt';
import { sql } from 'drizzle-orm';
import { openUsersDatabase, USERS_DATABASES } from '../../../test/support/users-databases.js';
import type { Database } from '../database/database.js';
import { tickets } from '../database/tickets.schema.js';
import { users } from '../database/users.schema.js';
import { HashQueue } from './hash-queue.js';
import { importUsers } from './import-users.js';
import { PasswordHasher } from './passwords.js';
import { verifyHash } from './hash-jobs.js';
import { hashFault } from './stored-hashes.js';
import { newTicket, putTicket } from './tickets.js';
import { UsersService } from './users.service.js';

const NOW = 1_800_000_000_000;
const PASSWORD = 'correct horse battery';
const CHEAP = { memoryCost: 8, timeCost: 1, parallelism: 1 };
/** As Python's passlib writes it. */
const scryptHash = (password: string, ln = 10): string => {
  const salt = Buffer.from('a salt of sixteen');
  const digest = scryptSync(password, salt, 32, { cost: 2 ** ln, blockSize: 8, parallelization: 1 });
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=${ln},r=8,p=1$${base64(salt)}$${base64(digest)}`;
};

describe('hashes that were made elsewhere', () => {
  it('are verified as the published test vectors have it', async () => {
    // Of crypt_blowfish, and RFC 7914, section 12.
    const bcrypt = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
    const digest = Buffer.from(
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
        'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
      'hex',
    );
    const scrypt = `$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$${digest.toString('base64').replace(/=+$/, '')}`;
    expect([verifyHash(bcrypt, 'U*U'), verifyHash(bcrypt, 'U*V')]).toEqual([true, false]);
    expect([verifyHash(scrypt, 'pleaseletmein'), verifyHash(scrypt, 'letmein')]).toEqual([true, false]);
  });

  it('of bcrypt and scrypt verify the right password, in either spelling of its letters', async () => {
    for (const hash of [await bcryptHash('re\u0301sume\u0301 1', 4), scryptHash('r\u00e9sum\u00e9 1')]) {
      expect(hashFault(hash)).toBeUndefined();
      expect(verifyHash(hash, 're\u0301sume\u0301 1')).toBe(true);
      expect(verifyHash(hash, 'resume 1')).toBe(false);
    }
  });

  it.each([
    ['correct horse', 'is no hash'],
    ['5f4dcc3b5aa765d61d8327deb882cf99', 'is no hash'],
    ['$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'is no hash'],
    ['$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'bcrypt cost'],
    ['$scrypt$ln=30,r=8,p=1$YSBzYWx0IG9mIHNpeHRlZW4$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'scrypt cost'],
    ['$argon2id$v=19$m=9999999,t=2,p=1$YWFhYWFhYWE$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'argon2 cost'],
    ['$argon2id$v=19$m=16,t=1,p=1$AAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'no base64'],
    ['$argon2id$v=19$m=16,t=1,p=1$YWFhYWFhYWF$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'no base64'],
    ['$argon2id$v=19$m=16,t=1,p=1$YWFhYWFhYWE$AAAAAAAAAAAAAAAAA', 'no base64'],
    ['$argon2id$v=19$m=016,t=1,p=1$YWFhYWFhYWE$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'is no hash'],
    ['$scrypt$ln=16,r=1,p=1$YSBzYWx0IG9mIHNpeHRlZW4$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'scrypt cost'],
    ['$scrypt$ln=15,r=8,p=99$YSBzYWx0IG9mIHNpeHRlZW4$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'scrypt cost'],
    ['$scrypt$ln=4,r=8,p=0$YSBzYWx0IG9mIHNpeHRlZW4$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'scrypt cost'],
  ])('%s is refused', async (hash, words) => {
    expect(hashFault(hash)).toContain(words);
    if (!hash.startsWith('$argon2')) expect(verifyHash(hash, PASSWORD)).toBe(false);
  });
});

it('a hash of any cost that is taken can be verified, because each login of its account would fail otherwise', () => {
  const few = [1, 2, 3, 5, 8, 16];
  const salts = Array.from({ length: 10 }, (_, n) =>
    Buffer.alloc(8 + n, 'salt')
      .toString('base64')
      .replace(/=+$/, ''),
  );
  const costs = few.flatMap((a) => few.flatMap((b) => few.map((c) => [a, b, c] as const)));
  const cheap = costs.filter(([ln]) => ln < 16);
  const scrypt = cheap.map(([ln, r, p]) => `$scrypt$ln=${ln},r=${r},p=${p}$c2FsdHNhbHQ$${'A'.repeat(43)}`);
  const argon2 = costs.map(([m, t, p]) => `$argon2id$v=19$m=${m * 8},t=${t},p=${p}$${salts[m % 10]}$${'A'.repeat(43)}`);
  const endings = Array.from(
    { length: 76 },
    (_, n) => `$argon2id$v=19$m=8,t=1,p=1$${'b'.repeat(11 + n)}$${'b'.repeat(86 - n)}`,
  );
  const taken = [...scrypt, ...argon2, ...endings].filter((hash) => hashFault(hash) === undefined);
  expect(taken.length).toBeGreaterThan(100);
  for (const hash of taken) expect(verifyHash(hash, PASSWORD)).toBe(false);
});

describe.each(USERS_DATABASES)('an import of users, on %s', (where) => {
  let database: Database;
  let stop: () => Promise<void>;
  let accounts: UsersService;
  beforeAll(async () => {
    ({ database, stop } = await openUsersDatabase(where));
    accounts = new UsersService(database, new PasswordHasher(new HashQueue(), CHEAP));
  });
  afterAll(() => stop());
  beforeEach(() => database.db.execute(sql`truncate users, tickets`));

  const lines = (...rows: (object | string)[]) =>
    rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');

  it('lets everybody in with the old password, and keeps a hash of our own from then on', async () => {
    const id = '00000000-0000-4000-8000-00000000000A';
    const file = lines(
      {
        email: 'Ann@shop.example',
        id,
        password_hash: await bcryptHash(PASSWORD, 4),
        roles: ['buyer'],
        email_verified: true,
      },
      '',
      { email: 'bob@shop.example', password_hash: scryptHash(PASSWORD) },
      { email: 'carl@shop.example', disabled: true },
    );
    expect(await importUsers(database, file)).toBe(3);
    const { user, emailVerified } = await accounts.authenticate('ann@shop.example', PASSWORD);
    expect([user, emailVerified]).toEqual([
      { id: id.toLowerCase(), email: 'Ann@shop.example', roles: ['buyer'], disabled: false },
      true,
    ]);
    await accounts.authenticate('bob@shop.example', PASSWORD);
    const hashes = (await database.db.select().from(users)).map(({ passwordHash }) => passwordHash?.slice(0, 10));
    expect(hashes.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      '$argon2id$',
      '$argon2id$',
      undefined,
    ]);
    await accounts.authenticate('bob@shop.example', PASSWORD);
    await expect(accounts.authenticate('bob@shop.example', 'wrong horse')).rejects.toMatchObject({
      code: 'invalid_credentials',
    });
  });

  it('takes over the address of an account that is nobody yet, since any stranger can register one', async () => {
    await accounts.registerPending('Ann@shop.example', 'a password of a stranger', NOW, { alsoWrite: async () => {} });
    const [{ id: sub }] = (await database.db.select().from(users)) as unknown as [{ id: string }];
    const ticket = { ticket: newTicket(), sub, kind: 'verify-email', expires: NOW, asked: NOW, address: null } as const;
    await putTicket(database.db, ticket);
    expect(await importUsers(database, lines({ email: 'ann@shop.example', password_hash: scryptHash(PASSWORD) }))).toBe(
      1,
    );
    await accounts.authenticate('ann@shop.example', PASSWORD);
    expect([await database.db.$count(users), await database.db.$count(tickets)]).toEqual([1, 0]);
  });

  it('takes a file as Windows writes it, with a byte order mark and its line ends', async () => {
    const file = lines({ email: 'ann@shop.example' }, { email: 'bob@shop.example' }).replaceAll('\n', '\r\n');
    expect(await importUsers(database, `\uFEFF${file}`)).toBe(2);
  });

  it('writes nothing when a line is wrong, and tells every line', async () => {
    await accounts.register('there@shop.example', PASSWORD);
    const file = lines(
      { email: 'ann@shop.example' },
      '{',
      '[]',
      { email: 'no address' },
      { email: 'dan@shop.example', password: 'in clear' },
      { email: 'eve@shop.example', password_hash: 'in clear' },
      { email: 'ANN@shop.example' },
      { email: 'fay@shop.example', roles: ['a b'] },
      { email: 'gus@shop.example', id: 7, disabled: 'no' },
    );
    const failed = importUsers(database, file);
    await expect(failed).rejects.toMatchObject({ code: 'invalid_request' });
    const { message } = (await failed.catch((error: unknown) => error)) as Error;
    for (const line of [2, 3, 4, 5, 6, 7, 8, 9]) expect(message).toContain(`line ${line} `);
    expect(message).not.toContain('line 1 ');
    expect(message).not.toContain('in clear');
    await expect(
      importUsers(database, lines({ email: 'ann@shop.example' }, { email: 'There@shop.example' })),
    ).rejects.toThrow('line 2 has an address or an id that has an account already');
    expect(await database.db.$count(users)).toBe(1);
  });
});
