import { NEW_PASSWORD, PASSWORD, startAccounts, type ServiceWithAccounts } from '../support/accounts.js';
import { ask, startPostgres, type PostgresDatabase } from '../support/postgres-server.js';

/** PostgreSQL alone comes back from a backup, and the session store has gone on meanwhile. */
describe('users restored from a backup of before a password change', () => {
  let postgres: PostgresDatabase;
  let service: ServiceWithAccounts;
  beforeAll(async () => {
    postgres = await startPostgres();
    service = await startAccounts({ DATABASE_URL: postgres.url });
  });
  afterAll(async () => {
    await service.stop();
    await postgres.stop();
  });

  const rowOf = async (id: string) =>
    (await ask(postgres.url, `select generation::float8, password_hash from users where id = '${id}'`))[0]!;
  const restore = (id: string, { generation, password_hash }: Record<string, unknown>) =>
    ask(
      postgres.url,
      `update users set generation = ${String(generation)}, password_hash = '${String(password_hash)}' where id = '${id}'`,
    );
  const changePassword = async (token: string) => {
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    return (await service.call('/auth/password', { body, token })).body;
  };

  it('log in with the password of the backup, and what the change ended stays dead', async () => {
    const account = await service.account();
    const before = await service.login(account);
    const row = await rowOf(account.id);
    const changed = await changePassword((await service.login(account)).access_token);
    await restore(account.id, row);

    const login = (password: string) => service.call('/auth/login', { body: { email: account.email, password } });
    expect((await login(NEW_PASSWORD)).body.code).toBe('invalid_credentials');
    const again = (await login(PASSWORD)).body;
    expect(await service.told(again)).toBe('ok');
    expect(await service.toldAtRefresh(again)).toBe('ok');
    expect(await service.told(before)).toBe('session_revoked');
    expect(await service.toldAtRefresh(before)).toBe('session_revoked');
    expect(await service.toldAtRefresh(changed)).toBe('ok');
    expect((await rowOf(account.id)).generation).toBeGreaterThan(Number(row.generation));
  });

  it('who was disabled since the login was checked is not let in by it', async () => {
    const account = await service.account();
    const row = await rowOf(account.id);
    await changePassword((await service.login(account)).access_token);
    await restore(account.id, row);
    await ask(postgres.url, `update users set disabled = true where id = '${account.id}'`);
    const body = { email: account.email, password: PASSWORD };
    expect((await service.call('/auth/login', { body })).body.code).toBe('invalid_credentials');
    expect((await rowOf(account.id)).generation).toBe(row.generation);
  });
});
