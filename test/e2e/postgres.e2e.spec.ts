import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { AuthError, generateKeys } from '../../src/index.js';
import { ServerDatabase } from '../../src/service/database/server-database.js';
import { Database } from '../../src/service/database/database.js';
import { MIGRATIONS } from '../../src/service/database/migrations.js';
import { PASSWORD, startAccounts, type Account, type ServiceWithAccounts } from '../support/accounts.js';
import { ask, startPostgres, type PostgresDatabase } from '../support/postgres-server.js';
import { startService, type Answer, type RunningService } from '../support/service.js';
import { settlesWithin } from '../support/settles-within.js';
import { startLine, type TcpLine } from '../support/tcp-line.js';

const SECRET = 'a-password-nobody-may-read';
/** The wait for a connection and the time it may be held, with room for a slow machine. */
const ANSWERED_WITHIN = 4_500 + 5_000;
const MORE_THAN_THE_POOL = 25;

let server: PostgresDatabase;
let line: TcpLine;
let url: string;

beforeAll(async () => {
  server = await startPostgres();
  line = await startLine(server.port, server.host);
  const through = new URL(server.url);
  through.host = `127.0.0.1:${line.port}`;
  url = through.href;
});
afterAll(async () => {
  await line.close();
  await server.stop();
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await holds()); await new Promise((wake) => setTimeout(wake, 25))) {
    if (Date.now() > end) throw new Error(`${what}: it did not come to this`);
  }
}
const readyOf = async (service: RunningService) => (await service.call('/health/ready')).status;

async function inTime(asked: Promise<Answer>): Promise<Answer> {
  expect(await settlesWithin(ANSWERED_WITHIN, asked)).toBe(true);
  return asked;
}

function expectTryAgain({ status, headers, body }: Answer): void {
  expect({ status, code: body.code, after: headers.get('retry-after') }).toEqual({
    status: 503,
    code: 'store_unavailable',
    after: '1',
  });
  expect(JSON.stringify(body)).not.toMatch(/postgres|ECONN|127\.0\.0\.1/i);
}

describe('a PostgreSQL that goes away and comes back', () => {
  let service: ServiceWithAccounts;
  beforeAll(async () => {
    service = await startAccounts({ DATABASE_URL: url });
  });
  afterAll(() => service.stop());

  it.each(['cut', 'hang'] as const)('is answered 503 while it is away (%s), and the tokens are kept', async (fault) => {
    const account = await service.account();
    const tokens = await service.login(account);
    line[fault]();
    const answers = await Promise.all([
      inTime(service.call('/auth/login', { body: { email: account.email, password: PASSWORD } })),
      inTime(service.call('/auth/register', { body: { email: `new-${account.email}`, password: PASSWORD } })),
      inTime(service.refresh(tokens)),
      inTime(service.call('/auth/logout-all', { method: 'POST', token: tokens.access_token })),
      inTime(service.admin(`PATCH /admin/users/${account.id}`, { disabled: true })),
    ]);
    answers.forEach(expectTryAgain);
    expect(await service.told(tokens)).toBe('ok');
    expect((await service.call('/health/live')).status).toBe(200);
    expect((await service.call('/health/ready')).body).toMatchObject({ status: 'degraded', parts: { users: 'down' } });
    line.mend();
    await until('the users are back', async () => (await service.call('/health/ready')).body.status === 'ok');
    expect(await service.toldAtRefresh(await service.login(account))).toBe('ok');
  });

  it('is told in the log with the reason, and so is its return', async () => {
    const gauge = async (name: string) => {
      const text = (await service.call('/metrics')).body as string;
      return text.split('\n').find((line) => line.startsWith(name));
    };
    // A question that hung may come to its end after later ones were answered.
    await until('known to be up', async () => (await gauge('keyturn_part_up{part="users"}'))!.endsWith(' 1'));
    const told: string[] = [];
    for (const level of ['error', 'log'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((...args: unknown[]) => void told.push(String(args[0])));
    }
    line.cut();
    await service.call('/health/ready');
    await until('told', async () =>
      told.some((text) => /^PostgreSQL is away: .+[.] Logins and refreshes answer 503/.test(text)),
    );
    expect(await gauge('keyturn_part_up{part="users"}')).toMatch(/ 0$/);
    line.mend();
    await until('told again', async () => told.includes('PostgreSQL is back.'));
    expect(await gauge('keyturn_part_up{part="users"}')).toMatch(/ 1$/);
    expect(await gauge('keyturn_ready')).toBe('keyturn_ready 1');
    expect(told.filter((text) => text === 'PostgreSQL is back.')).toHaveLength(1);
    jest.restoreAllMocks();
  });

  it('leaves instances ready at once where it hangs, because a probe that waits for it would take them all out', async () => {
    await until('ready', async () => (await readyOf(service)) === 200);
    line.hang();
    const { status, body } = await service.call('/health/ready');
    line.mend();
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: 'degraded', parts: { users: 'down' }, faults: { users: 'There was no answer within 0.75 s.' } },
    });
    await until('the users are back', async () => (await service.call('/health/ready')).body.status === 'ok');
  });

  it('costs no connection for ever: more transactions than there are connections fail, and then all work', async () => {
    const { db } = service.app.get(Database, { strict: false });
    const outcomes = async () => {
      const begun = Array.from({ length: MORE_THAN_THE_POOL }, () => db.transaction((tx) => tx.execute('select 1')));
      return new Set((await Promise.allSettled(begun)).map(({ status }) => status));
    };
    // A connection that takes long, as on a busy machine, is a failure too.
    const allWork = async () => !(await outcomes()).has('rejected');
    await until('all work', allWork);
    for (const fault of ['hang', 'cut'] as const) {
      line[fault]();
      expect(await outcomes()).toEqual(new Set(['rejected']));
      line.mend();
    }
    await until('all work again', allWork);
  });

  it('fails a transaction that is cut between two statements, and the service goes on', async () => {
    const database = service.app.get(Database, { strict: false });
    const cut = database.db.transaction(async (tx) => {
      await tx.execute('select 1');
      line.cut();
      // No statement runs while the connection ends: a listener alone can hear of it.
      await until('the end is noticed', async () => database.fault !== null);
      await tx.execute('select 1');
    });
    await expect(cut).rejects.toThrow();
    line.mend();
    await until('the users are back', async () => database.fault === null);
    await database.ping();
  });

  it('has no more connections than it may have, however many ask', async () => {
    const accounts: Account[] = [];
    while (accounts.length < MORE_THAN_THE_POOL) accounts.push(await service.account());
    // On a busy machine some wait longer than a query may: they are told to try again, and no connection is made for them.
    const logins = await Promise.all(
      accounts.map(({ email, password }) => service.call('/auth/login', { body: { email, password } })),
    );
    const statuses = logins.map(({ status }) => status);
    expect(statuses).toContain(200);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    const [row] = await ask(
      server.url,
      `select count(*)::int as n from pg_stat_activity where application_name = 'keyturn' and datname = current_database()`,
    );
    const text = (await service.call('/metrics')).body as string;
    const counts = [...text.matchAll(/^keyturn_postgres_connections\{state="(?:busy|idle)"\} (\d+)$/gm)];
    expect(counts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(row!.n);
    expect(row!.n).toBeGreaterThan(0);
    expect(row!.n).toBeLessThanOrEqual(10);
  });
});

describe('a PostgreSQL that is not there at the start', () => {
  it('keeps the service alive and not ready, until it appears', async () => {
    line.cut();
    const service = await startService({ DATABASE_URL: url });
    expect((await service.call('/health/live')).status).toBe(200);
    expect(await readyOf(service)).toBe(503);
    expectTryAgain(await service.call('/auth/login', { body: { email: 'ann@shop.example', password: PASSWORD } }));
    line.mend();
    await until('ready', async () => (await readyOf(service)) === 200);
    const account = { email: `late-${Date.now()}@shop.example`, password: PASSWORD };
    expect((await service.call('/auth/register', { body: account })).status).toBe(201);
    await service.stop();
  });
});

describe('the schema', () => {
  let empty: PostgresDatabase;
  beforeEach(async () => {
    empty = await startPostgres();
  });
  afterEach(() => empty.stop());
  const open = (migrate: boolean) => ServerDatabase.at({ url: empty.url, migrate });

  it('is made once by many instances that start at once', async () => {
    const instances = await Promise.all(Array.from({ length: 6 }, () => open(true)));
    const applied = await Promise.all(instances.map((instance) => instance.prepare()));
    expect(applied.some((steps) => steps.length === MIGRATIONS.length)).toBe(true);
    await Promise.all(instances.map((instance) => instance.ping()));
    const rows = await ask(empty.url, 'select id from schema_migrations order by id');
    expect(rows.map(({ id }) => id)).toEqual(MIGRATIONS.map(({ id }) => id));
    await Promise.all(instances.map((instance) => instance.close()));
  });

  it('that is older is not touched with MIGRATE_ON_START=false: the service says so, and is ready when it was migrated', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const service = await startService({ DATABASE_URL: empty.url, MIGRATE_ON_START: 'false' });
    expect(await readyOf(service)).toBe(503);
    expectTryAgain(await service.call('/auth/login', { body: { email: 'ann@shop.example', password: PASSWORD } }));
    expect(errors.mock.calls.flat().join()).toMatch(/older than this version.*npm run keyturn -- migrate/);
    expect(await ask(empty.url, `select from pg_tables where schemaname = 'public'`)).toEqual([]);
    const command = await open(true);
    expect(await command.prepare()).toEqual(MIGRATIONS.map(({ id }) => id));
    await command.close();
    await until('ready', async () => (await readyOf(service)) === 200);
    await service.stop();
    jest.restoreAllMocks();
  });

  it('that takes no writes, as a standby, is told: logins work there, and nobody would see it until somebody registers', async () => {
    const warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const primary = await open(true);
    await primary.prepare();
    await primary.close();
    await ask(
      empty.url,
      `alter database ${new URL(empty.url).pathname.slice(1)} set default_transaction_read_only = on`,
    );
    const service = await startService({ DATABASE_URL: empty.url });
    expect(await readyOf(service)).toBe(200);
    expect(warnings.mock.calls.flat()).toContainEqual(expect.stringMatching(/a standby.+Name the primary/));
    await service.stop();
    jest.restoreAllMocks();
  });

  it('that is newer will do, so that instances can be replaced one by one', async () => {
    const newer = await open(true);
    await newer.prepare();
    await newer.close();
    await ask(empty.url, `insert into schema_migrations (id) values ('9999-of-the-next-release')`);
    const older = await open(false);
    expect(await older.prepare()).toEqual([]);
    await older.ping();
    await older.close();
  });
});

describe('the password of the URL', () => {
  const other = (change: (url: URL) => void): string => {
    const changed = new URL(server.url);
    changed.password = SECRET;
    change(changed);
    return changed.href;
  };

  it.each([
    ['a wrong password', other.bind(null, () => undefined)],
    ['a user that is not there', other.bind(null, (changed) => (changed.username = 'nobody'))],
    ['a database that is not there', other.bind(null, (changed) => (changed.pathname = '/nothing'))],
    ['a port where nobody listens', other.bind(null, (changed) => (changed.port = '1'))],
    ['a host that has no address', other.bind(null, (changed) => (changed.hostname = 'host.invalid'))],
    ['TLS where there is none', other.bind(null, (changed) => (changed.search = '?sslmode=verify-full'))],
  ])('is in no error: %s', async (_, wrong) => {
    const database = await ServerDatabase.at({ url: wrong(), migrate: true });
    const error = await database.prepare().then(
      () => 'prepared',
      (thrown: unknown) => thrown,
    );
    await database.close();
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: 'store_unavailable', fault: expect.stringMatching(/\w/) });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  });
});

it('a service with users and keys from elsewhere needs no folder', async () => {
  const folder = join(tmpdir(), `keyturn-none-${Date.now()}`);
  const keys = JSON.stringify(generateKeys());
  const service = await startService({ DATABASE_URL: url, AUTH_KEYS: keys, DATA_DIR: folder });
  expect(existsSync(folder)).toBe(false);
  await service.stop();
});
