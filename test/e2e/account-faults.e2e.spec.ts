import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthError, SessionService } from '../../src/index.js';
import { announcementOf, ANNOUNCEMENTS } from '../../src/service/accounts/announcement.js';
import { OutboxTable } from '../../src/service/outbox/outbox-table.js';
import { Outbox } from '../../src/service/outbox/outbox.js';
import { UsersService } from '../../src/service/accounts/users.service.js';
import { NEW_PASSWORD, PASSWORD, startAccounts, type ServiceWithAccounts, type Tokens } from '../support/accounts.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startService } from '../support/service.js';

const away = () => new AuthError('store_unavailable', 'The session store is away.', { retryAfter: 1 });
const crash = () => new Error('the process ends here');

let redis: RedisServer;
let dataDir: string;
let service: ServiceWithAccounts;

beforeAll(async () => {
  redis = await startRedis();
  dataDir = await mkdtemp(join(tmpdir(), 'keyturn-faults-'));
  service = await startAccounts({ REDIS_URL: redis.url, DATA_DIR: dataDir });
});
afterAll(async () => {
  await service?.stop();
  await redis.stop();
  await rm(dataDir, { recursive: true, force: true });
});
afterEach(() => jest.restoreAllMocks());

const failNext = (step: 'revokeAll' | 'claimsChanged', error: Error) =>
  jest.spyOn(service.app.get(SessionService), step).mockRejectedValueOnce(error);
const changePassword = ({ access_token: token }: Tokens) =>
  service.call('/auth/password', { body: { current_password: PASSWORD, new_password: NEW_PASSWORD }, token });
const sweep = () => service.app.get(Outbox, { strict: false }).retryNow(ANNOUNCEMENTS);
const untold = async () => (await service.app.get(OutboxTable, { strict: false }).list(100)).map(announcementOf);

describe('a crash after an account was changed and before the sessions were told', () => {
  it('leaves the refresh token dead already: its generation is outdated', async () => {
    const tokens = await service.login(await service.account());
    failNext('revokeAll', crash());
    expect((await changePassword(tokens)).status).toBe(500);
    expect(await service.toldAtRefresh(tokens)).toBe('session_revoked');
    await sweep();
  });

  it('leaves the access token to the outbox, which tells it once and then has nothing more', async () => {
    const account = await service.account();
    const tokens = await service.login(account);
    failNext('revokeAll', crash());
    await changePassword(tokens);
    expect(await service.told(tokens)).toBe('ok');
    expect(await untold()).toMatchObject([{ sub: account.id, kind: 'generation', value: expect.any(Number) }]);
    await sweep();
    expect(await service.told(tokens)).toBe('session_revoked');
    expect(await untold()).toEqual([]);
  });

  it('does not cost the session that was opened with the new password meanwhile, however often it is swept', async () => {
    const account = await service.account();
    const tokens = await service.login(account);
    failNext('revokeAll', crash());
    await changePassword(tokens);
    const next = await service.login({ ...account, password: NEW_PASSWORD });
    await Promise.all([sweep(), sweep(), sweep()]);
    expect([await service.told(next), await service.toldAtRefresh(next)]).toEqual(['ok', 'ok']);
  });

  it('is healed for a deleted account by deleting it again', async () => {
    const account = await service.account();
    const tokens = await service.login(account);
    failNext('revokeAll', crash());
    const remove = () => service.admin(`DELETE /admin/users/${account.id}`);
    expect((await remove()).status).toBe(500);
    expect((await remove()).status).toBe(204);
    expect(await service.told(tokens)).toBe('session_revoked');
    expect((await remove()).status).toBe(404);
  });

  it('is healed for lowered roles too', async () => {
    const account = await service.account(['buyer']);
    const tokens = await service.login(account);
    failNext('claimsChanged', crash());
    expect((await service.admin(`PATCH /admin/users/${account.id}`, { roles: [] })).status).toBe(500);
    expect(await service.told(tokens)).toBe('ok');
    await sweep();
    expect(await service.told(tokens)).toBe('token_expired');
  });

  it('is healed by the next start of the service', async () => {
    const tokens = await service.login(await service.account());
    failNext('revokeAll', crash());
    await changePassword(tokens);
    await service.app.close();
    const restarted = await startService({ REDIS_URL: redis.url, DATA_DIR: dataDir });
    const told = async () => (await restarted.call('/auth/me', { token: tokens.access_token })).body.code;
    for (let tries = 0; tries < 100 && (await told()) !== 'session_revoked'; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await told()).toBe('session_revoked');
    await restarted.stop();
    service = await startAccounts({ REDIS_URL: redis.url, DATA_DIR: dataDir });
  });
});

describe('a login that has read the account already', () => {
  /** What happens between the password's verification and the session's opening. */
  const meanwhile = (happens: () => Promise<unknown>) => {
    const users = service.app.get(UsersService, { strict: false });
    const authenticate = users.authenticate.bind(users);
    jest.spyOn(users, 'authenticate').mockImplementationOnce(async (email, password) => {
      const authenticated = await authenticate(email, password);
      await happens();
      return authenticated;
    });
  };

  it('opens nothing when the password is changed before it goes on', async () => {
    const account = await service.account();
    const tokens = await service.login(account);
    meanwhile(() => changePassword(tokens));
    await expect(service.login(account)).rejects.toThrow('invalid_credentials');
  });

  it('gets no role that is taken away before it goes on', async () => {
    const account = await service.account(['buyer']);
    meanwhile(() => service.admin(`PATCH /admin/users/${account.id}`, { roles: [] }));
    const { access_token: token } = await service.login(account);
    expect((await service.call('/auth/me', { token })).body.roles).toEqual([]);
  });
});

describe('a session store that does not answer', () => {
  it('refuses a password change before anything is written', async () => {
    const account = await service.account();
    const tokens = await service.login(account);
    redis.pause();
    const answer = await changePassword(tokens);
    redis.resume();
    expect(answer).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    await recovered();
    expect([await service.told(tokens), await service.toldAtRefresh(tokens)]).toEqual(['ok', 'ok']);
    expect(await service.told(await service.login(account))).toBe('ok');
  });

  it('refuses a reset before the ticket is spent', async () => {
    const { id } = await service.account();
    const { ticket } = (await service.admin(`POST /admin/users/${id}/password-reset`)).body;
    const redeem = () => service.call('/auth/password-reset', { body: { ticket, new_password: NEW_PASSWORD } });
    redis.pause();
    expect((await redeem()).status).toBe(503);
    redis.resume();
    await recovered();
    expect((await redeem()).status).toBe(204);
  });

  it('that goes after the change was written does not call it failed: it is pending, and the outbox tells it later', async () => {
    const account = await service.account();
    const tokens = await service.login(account);
    failNext('revokeAll', away());
    const answer = await changePassword(tokens);
    expect(answer).toMatchObject({ status: 200, body: { sessions_pending: true } });
    expect(await service.told(answer.body as Tokens)).toBe('ok');
    expect(await service.told(await service.login({ ...account, password: NEW_PASSWORD }))).toBe('ok');
    await sweep();
    expect(await service.told(tokens)).toBe('session_revoked');
    expect(await service.told(answer.body as Tokens)).toBe('ok');
  });

  it('that goes after a ticket was redeemed does not call it failed either: the ticket is spent', async () => {
    const account = await service.account();
    const { ticket } = (await service.admin(`POST /admin/users/${account.id}/password-reset`)).body;
    failNext('revokeAll', away());
    const answer = await service.call('/auth/password-reset', { body: { ticket, new_password: NEW_PASSWORD } });
    expect([answer.status, answer.body]).toEqual([
      200,
      { password_changed: true, login_required: true, sessions_pending: true },
    ]);
    expect(await service.told(await service.login({ ...account, password: NEW_PASSWORD }))).toBe('ok');
    await sweep();
  });

  it('that is out of memory lets the password be changed and ends all, and says that there is no new session', async () => {
    const account = await service.account();
    const tokens = await service.login(account);
    await redis.client.config('SET', 'maxmemory', '1');
    const answer = await changePassword(tokens);
    const dead = [await service.told(tokens), await service.toldAtRefresh(tokens)];
    await redis.client.config('SET', 'maxmemory', '0');
    expect([answer.status, answer.body]).toEqual([
      200,
      { password_changed: true, login_required: true, sessions_pending: false },
    ]);
    expect(dead).toEqual(['session_revoked', 'session_revoked']);
    expect(await untold()).toEqual([]);
    expect(await service.told(await service.login({ ...account, password: NEW_PASSWORD }))).toBe('ok');
    await expect(service.login(account)).rejects.toThrow('invalid_credentials');
  });

  it('makes what an administrator does a 503 that changes nothing, since the session that asks must be alive', async () => {
    const account = await service.account();
    const tokens = await service.login(account);
    redis.pause();
    expect((await service.admin(`PATCH /admin/users/${account.id}`, { disabled: true })).status).toBe(503);
    redis.resume();
    await recovered();
    expect(await service.told(tokens)).toBe('ok');
    expect((await service.admin(`PATCH /admin/users/${account.id}`, { disabled: true })).status).toBe(200);
    await expect(service.login(account)).rejects.toThrow('invalid_credentials');
    expect(await service.told(tokens)).toBe('session_revoked');
    expect(await service.toldAtRefresh(tokens)).toBe('session_revoked');
  });

  it.each(['POST /auth/logout-all', 'DELETE /auth/sessions'])('makes %s a 503 that can be repeated', async (call) => {
    const account = await service.account();
    const [here, there] = [await service.login(account), await service.login(account)];
    const [method, path] = call.split(' ') as [string, string];
    const ask = () => service.call(path, { method, token: here.access_token });
    redis.pause();
    expect(await ask()).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
    redis.resume();
    await recovered();
    expect((await ask()).status).toBe(204);
    expect(await service.told(there)).toBe('session_revoked');
  });
});

async function recovered(): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { parts } = (await service.call('/health/ready')).body;
    if (parts.store === 'up' && parts.feed === 'up') return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the store did not come back');
}
