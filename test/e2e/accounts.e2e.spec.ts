import { NEW_PASSWORD, PASSWORD, startAccounts, type ServiceWithAccounts, type Tokens } from '../support/accounts.js';
import { startPostgres, type PostgresDatabase } from '../support/postgres-server.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { untilNotBusy } from '../support/until-not-busy.js';

let redis: RedisServer;
let postgres: PostgresDatabase;
beforeAll(async () => {
  [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
});
afterAll(() => Promise.all([redis.stop(), postgres.stop()]));

describe.each(['in memory', 'in Redis, users in PostgreSQL'] as const)('accounts, sessions %s', (where) => {
  let service: ServiceWithAccounts;
  beforeAll(async () => {
    service = await startAccounts(where === 'in memory' ? {} : { REDIS_URL: redis.url, DATABASE_URL: postgres.url });
  });
  afterAll(() => service.stop());

  const changePassword = (tokens: Tokens, current = PASSWORD, next = NEW_PASSWORD) =>
    service.call('/auth/password', {
      body: { current_password: current, new_password: next },
      token: tokens.access_token,
    });
  const asOwner = (call: string, tokens: Tokens) => {
    const [method, path] = call.split(' ') as [string, string];
    return service.call(path, { method, token: tokens.access_token });
  };

  describe('a password change', () => {
    it('answers with a new session on the same device; every token from before is dead at once', async () => {
      const account = await service.account();
      const phone = await service.login(account);
      const laptop = await service.login(account, { device_name: 'Laptop' });
      const { status, headers, body } = await changePassword(laptop);
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      for (const old of [phone, laptop]) {
        expect(await service.told(old)).toBe('session_revoked');
        expect(await service.toldAtRefresh(old)).toBe('session_revoked');
      }
      const listed = await asOwner('GET /auth/sessions', body);
      expect(listed.body.sessions).toEqual([
        expect.objectContaining({ id: body.session_id, current: true, device_name: 'Laptop' }),
      ]);
      expect(await service.toldAtRefresh(body)).toBe('ok');
    });

    it('lets the new password in, and the old one no longer', async () => {
      const account = await service.account();
      await changePassword(await service.login(account));
      await expect(service.login(account)).rejects.toThrow('invalid_credentials');
      expect(await service.told(await service.login({ ...account, password: NEW_PASSWORD }))).toBe('ok');
    });

    it.each([
      ['a wrong password', { current_password: 'wrong horse battery', new_password: NEW_PASSWORD }, 401],
      ['a new one that is too short', { current_password: PASSWORD, new_password: 'short' }, 400],
      ['a new one that everybody uses', { current_password: PASSWORD, new_password: 'password1' }, 400],
      ['a field missing', { new_password: NEW_PASSWORD }, 400],
      ['a field too many', { current_password: PASSWORD, new_password: NEW_PASSWORD, id: 'x' }, 400],
      ['a list for a password', { current_password: [PASSWORD], new_password: NEW_PASSWORD }, 400],
      ['null for a password', { current_password: PASSWORD, new_password: null }, 400],
      ['a password of 2 KiB', { current_password: 'x'.repeat(2048), new_password: NEW_PASSWORD }, 400],
    ])('is refused with %s, and nothing has changed', async (_, body, status) => {
      const account = await service.account();
      const tokens = await service.login(account);
      const answer = await service.call('/auth/password', { body, token: tokens.access_token });
      expect([answer.status, answer.body.code]).toEqual([
        status,
        status === 401 ? 'invalid_credentials' : 'invalid_request',
      ]);
      expect(await service.told(tokens)).toBe('ok');
      expect(await service.toldAtRefresh(await service.login(account))).toBe('ok');
    });

    it('takes a bearer, and no refresh token for one', async () => {
      const tokens = await service.login(await service.account());
      const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
      expect((await service.call('/auth/password', { body })).body.code).toBe('token_missing');
      const answer = await service.call('/auth/password', { body, token: tokens.refresh_token });
      expect(answer.body.code).toBe('token_invalid');
    });

    it('happens once when two tabs ask for it, so that neither is told a password that does not hold', async () => {
      const account = await service.account();
      const tabs = [await service.login(account), await service.login(account)];
      const passwords = ['first horse battery', 'second horse battery'];
      const answers = await Promise.all(tabs.map((tab, index) => changePassword(tab, PASSWORD, passwords[index])));
      const won = answers.findIndex(({ status }) => status === 200);
      expect(answers[1 - won]).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
      expect(await service.told(answers[won]!.body)).toBe('ok');
      expect(await service.told(await service.login({ ...account, password: passwords[won]! }))).toBe('ok');
    });
  });

  describe('ending sessions', () => {
    it('ends one of several by its id, with its access token', async () => {
      const account = await service.account();
      const [here, there] = [await service.login(account), await service.login(account)];
      expect((await asOwner(`DELETE /auth/sessions/${there.session_id}`, here)).status).toBe(204);
      expect(await service.told(there)).toBe('session_revoked');
      expect(await service.toldAtRefresh(there)).toBe('session_revoked');
      expect(await service.told(here)).toBe('ok');
    });

    it('may end the one that asks, and does nothing when it is asked again', async () => {
      const account = await service.account();
      const [here, there] = [await service.login(account), await service.login(account)];
      expect((await asOwner(`DELETE /auth/sessions/${there.session_id}`, there)).status).toBe(204);
      expect((await asOwner(`DELETE /auth/sessions/${there.session_id}`, there)).body.code).toBe('session_revoked');
      expect((await asOwner(`DELETE /auth/sessions/${there.session_id}`, here)).status).toBe(204);
      expect(await service.told(here)).toBe('ok');
    });

    it("answers 404 for another user's session as for one that never was, and harms neither", async () => {
      const [ann, bob] = [await service.login(await service.account()), await service.login(await service.account())];
      const asked = [bob.session_id, 'A'.repeat(22), 'x', '*', '%7Bx%7D', 'a%0Ab', '..%2F..', 'y'.repeat(90)];
      for (const id of asked) {
        const answer = await asOwner(`DELETE /auth/sessions/${id}`, ann);
        expect([id, answer.status, answer.body.code]).toEqual([id, 404, 'not_found']);
      }
      expect([await service.told(bob), await service.toldAtRefresh(bob)]).toEqual(['ok', 'ok']);
    });

    it('ends the others, and keeps the one that asks', async () => {
      const account = await service.account();
      const [here, ...others] = [
        await service.login(account),
        await service.login(account),
        await service.login(account),
      ] as const;
      expect((await asOwner('DELETE /auth/sessions', here)).status).toBe(204);
      for (const other of others) expect(await service.told(other)).toBe('session_revoked');
      expect([await service.told(here), await service.toldAtRefresh(here)]).toEqual(['ok', 'ok']);
    });

    it('ends all, and a login afterwards, in the same second too, is none of them', async () => {
      const account = await service.account();
      const [here, there] = [await service.login(account), await service.login(account)];
      expect((await asOwner('POST /auth/logout-all', here)).status).toBe(204);
      const again = await service.login(account);
      for (const old of [here, there]) {
        expect([await service.told(old), await service.toldAtRefresh(old)]).toEqual([
          'session_revoked',
          'session_revoked',
        ]);
      }
      expect([await service.told(again), await service.toldAtRefresh(again)]).toEqual(['ok', 'ok']);
    });

    it.each(['POST /auth/logout-all', 'DELETE /auth/sessions', `DELETE /auth/sessions/${'A'.repeat(22)}`])(
      '%s takes a bearer',
      async (call) => {
        const [method, path] = call.split(' ') as [string, string];
        expect(await service.call(path, { method })).toMatchObject({ status: 401, body: { code: 'token_missing' } });
      },
    );
  });

  describe('a reset ticket', () => {
    const redeem = (ticket: unknown, next: unknown = NEW_PASSWORD) =>
      untilNotBusy(() => service.call('/auth/password-reset', { body: { ticket, new_password: next } }));
    const issue = async (id: string) => (await service.admin(`POST /admin/users/${id}/password-reset`)).body;

    it('sets the password once, and ends what was opened with the old one', async () => {
      const account = await service.account();
      const tokens = await service.login(account);
      const asked = Date.now() / 1000;
      const { status, headers, body } = await service.admin(`POST /admin/users/${account.id}/password-reset`);
      expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
      expect(body).toEqual({ ticket: expect.stringMatching(/^[\w-]{43}$/), expires_at: expect.any(Number) });
      // Two seconds more and less, since times are whole seconds by the clock of Redis.
      expect(body.expires_at).toBeGreaterThan(asked + 1800 - 2);
      expect(body.expires_at).toBeLessThan(Date.now() / 1000 + 1800 + 2);
      expect((await redeem(body.ticket)).status).toBe(204);
      expect(await service.told(tokens)).toBe('session_revoked');
      expect(await service.told(await service.login({ ...account, password: NEW_PASSWORD }))).toBe('ok');
      expect(await redeem(body.ticket, 'third horse battery')).toMatchObject({
        status: 400,
        body: { code: 'ticket_invalid' },
      });
    });

    it('is used by one of many who have it', async () => {
      const { ticket } = await issue((await service.account()).id);
      const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => redeem(ticket, `horse battery no. ${n}`)));
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      expect(answers.filter(({ body }) => body?.code === 'ticket_invalid')).toHaveLength(7);
    });

    it('is spent neither by a password that is too weak, nor by a body that is none', async () => {
      const { ticket } = await issue((await service.account()).id);
      expect((await redeem(ticket, 'short')).body.code).toBe('invalid_request');
      expect((await redeem(ticket, 7)).body.code).toBe('invalid_request');
      expect((await redeem(ticket)).status).toBe(204);
    });

    it('is replaced by the next one, and gone once the password was changed', async () => {
      const account = await service.account();
      const [first, second] = [await issue(account.id), await issue(account.id)];
      expect((await redeem(first.ticket)).body.code).toBe('ticket_invalid');
      expect((await changePassword(await service.login(account))).status).toBe(200);
      expect((await redeem(second.ticket)).body.code).toBe('ticket_invalid');
    });

    it.each([
      ['', 'ticket_invalid'],
      ['A'.repeat(43), 'ticket_invalid'],
      ["' or 1=1 --", 'ticket_invalid'],
      ['\0', 'ticket_invalid'],
      ['x'.repeat(65), 'invalid_request'],
      [null, 'invalid_request'],
      [{ $ne: 1 }, 'invalid_request'],
    ])('that is %j is refused', async (ticket, code) => {
      expect(await redeem(ticket)).toMatchObject({ status: 400, body: { code } });
    });
  });

  describe('an administrator', () => {
    let emails = 0;
    const newEmail = () => `made${++emails}@shop.example`;

    it('makes an account with roles, which can log in', async () => {
      const email = newEmail();
      const { status, body } = await service.admin('POST /admin/users', {
        email,
        password: PASSWORD,
        roles: ['buyer'],
      });
      expect([status, body]).toEqual([
        201,
        { user: { id: expect.any(String), email, roles: ['buyer'], disabled: false } },
      ]);
      const tokens = await service.login({ ...body.user, password: PASSWORD });
      expect((await service.call('/auth/me', { token: tokens.access_token })).body.roles).toEqual(['buyer']);
    });

    it('invites somebody: an account without a password, and a ticket', async () => {
      const email = newEmail();
      const { id } = (await service.admin('POST /admin/users', { email })).body.user;
      await expect(service.login({ id, email, password: '' })).rejects.toThrow('invalid_credentials');
      const { ticket } = (await service.admin(`POST /admin/users/${id}/password-reset`)).body;
      await service.call('/auth/password-reset', { body: { ticket, new_password: PASSWORD } });
      expect(await service.told(await service.login({ id, email, password: PASSWORD }))).toBe('ok');
    });

    it('finds an account by its address in any case, and nobody by another', async () => {
      const { id, email } = await service.account(['buyer']);
      const found = await service.admin(`GET /admin/users?email=${encodeURIComponent(email.toUpperCase())}`);
      expect(found).toMatchObject({ status: 200, body: { users: [{ id, email, roles: ['buyer'], disabled: false }] } });
      for (const hostile of ['nobody@shop.example', '*', '%', '%00', "'--"]) {
        expect((await service.admin(`GET /admin/users?email=${hostile}`)).body).toEqual({ users: [] });
      }
      expect((await service.admin('GET /admin/users?email=a&email=b')).body.code).toBe('invalid_request');
    });

    it('sees the newest accounts where no address is asked for, and never a hash', async () => {
      const { id } = await service.account();
      const { body } = await service.admin('GET /admin/users');
      expect(body.users[0].id).toBe(id);
      expect(body.users.length).toBeLessThanOrEqual(100);
      expect(JSON.stringify(body)).not.toMatch(/argon2|hash/);
    });

    it.each([
      ['no address', { password: PASSWORD }, 400, 'invalid_request'],
      ['an address that is none', { email: 'shop' }, 400, 'invalid_request'],
      ['a password that everybody uses', { email: 'a@shop.example', password: 'password1' }, 400, 'invalid_request'],
      ['null for a password', { email: 'a@shop.example', password: null }, 400, 'invalid_request'],
      ['a text for roles', { email: 'a@shop.example', roles: 'admin' }, 400, 'invalid_request'],
      ['null for roles', { email: 'a@shop.example', roles: null }, 400, 'invalid_request'],
      ['a role with a blank', { email: 'a@shop.example', roles: ['a b'] }, 400, 'invalid_request'],
      ['an empty role', { email: 'a@shop.example', roles: [''] }, 400, 'invalid_request'],
      ['a role of 33 letters', { email: 'a@shop.example', roles: ['x'.repeat(33)] }, 400, 'invalid_request'],
      ['a role that ends a line', { email: 'a@shop.example', roles: ['admin\n'] }, 400, 'invalid_request'],
      ['the same role twice', { email: 'a@shop.example', roles: ['a', 'a'] }, 400, 'invalid_request'],
      [
        '17 roles',
        { email: 'a@shop.example', roles: Array.from({ length: 17 }, (_, n) => `r${n}`) },
        400,
        'invalid_request',
      ],
      ['a nested role', { email: 'a@shop.example', roles: [['admin']] }, 400, 'invalid_request'],
      ['an unknown field', { email: 'a@shop.example', disabled: true }, 400, 'invalid_request'],
    ])('is refused an account with %s', async (_, body, status, code) => {
      expect(await service.admin('POST /admin/users', body)).toMatchObject({ status, body: { code } });
    });

    it('is refused an account whose address is taken, however it is spelled', async () => {
      const { email } = await service.account();
      const answer = await service.admin('POST /admin/users', { email: email.toUpperCase() });
      expect(answer).toMatchObject({ status: 409, body: { code: 'email_taken' } });
    });

    it('disables an account: its tokens are dead at once and it cannot log in, until it is enabled again', async () => {
      const account = await service.account();
      const tokens = await service.login(account);
      const { status, body } = await service.admin(`PATCH /admin/users/${account.id}`, { disabled: true });
      expect([status, body.user.disabled]).toEqual([200, true]);
      expect([await service.told(tokens), await service.toldAtRefresh(tokens)]).toEqual([
        'session_revoked',
        'session_revoked',
      ]);
      await expect(service.login(account)).rejects.toThrow('invalid_credentials');
      await service.admin(`PATCH /admin/users/${account.id}`, { disabled: false });
      expect(await service.told(tokens)).toBe('session_revoked');
      expect(await service.told(await service.login(account))).toBe('ok');
    });

    it('takes a role away: access tokens that say it are not taken, and the refresh brings one without', async () => {
      const account = await service.account(['admin', 'buyer']);
      const tokens = await service.login(account);
      const users = (token: string) => service.call('/admin/users', { token });
      expect((await users(tokens.access_token)).status).toBe(200);
      const { body } = await service.admin(`PATCH /admin/users/${account.id}`, { roles: ['buyer'] });
      expect(body.user).toMatchObject({ id: account.id, roles: ['buyer'], disabled: false });
      expect((await users(tokens.access_token)).body.code).toBe('token_expired');
      const refreshed = (await service.refresh(tokens)).body;
      expect(await users(refreshed.access_token)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect((await service.call('/auth/me', { token: refreshed.access_token })).body.roles).toEqual(['buyer']);
    });

    it('changes nothing by an empty patch, and nothing by one that is wrong', async () => {
      const account = await service.account(['buyer']);
      const tokens = await service.login(account);
      const patch = (body: unknown) => service.admin(`PATCH /admin/users/${account.id}`, body);
      expect((await patch({})).body.user).toMatchObject({ roles: ['buyer'], disabled: false });
      for (const wrong of [
        { disabled: 'yes' },
        { disabled: null },
        { roles: 'x' },
        { email: 'a@b.example' },
        { generation: 0 },
      ]) {
        expect(await patch(wrong)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      }
      expect(await service.told(tokens)).toBe('ok');
    });

    it('ends all sessions of an account, which can log in again', async () => {
      const account = await service.account();
      const tokens = await service.login(account);
      expect((await service.admin(`DELETE /admin/users/${account.id}/sessions`)).status).toBe(204);
      expect(await service.told(tokens)).toBe('session_revoked');
      expect(await service.told(await service.login(account))).toBe('ok');
    });

    it('deletes an account: its tokens are dead, its address is free', async () => {
      const account = await service.account();
      const tokens = await service.login(account);
      expect((await service.admin(`DELETE /admin/users/${account.id}`)).status).toBe(204);
      expect([await service.told(tokens), await service.toldAtRefresh(tokens)]).toEqual([
        'session_revoked',
        'session_revoked',
      ]);
      await expect(service.login(account)).rejects.toThrow('invalid_credentials');
      expect((await service.admin('POST /admin/users', { email: account.email })).status).toBe(201);
    });

    const CALLS = ['POST %/password-reset', 'PATCH %', 'DELETE %', 'DELETE %/sessions'];
    it.each(CALLS)('is told 404 for nobody: %s', async (call) => {
      for (const id of ['00000000-0000-4000-8000-000000000000', 'x', '*', "'--", '%00', 'a:b', 'x'.repeat(90)]) {
        const path = call.replace('%', `/admin/users/${id}`);
        const answer = await service.admin(path, call.startsWith('PATCH') ? { disabled: true } : undefined);
        expect([id, answer.status, answer.body.code]).toEqual([id, 404, 'not_found']);
      }
    });

    it.each(['GET /admin/users', 'POST /admin/users', ...CALLS.map((call) => call.replace('%', '/admin/users/x'))])(
      'is who %s takes: with no token 401, with any other role 403',
      async (call) => {
        const [method, path] = call.split(' ') as [string, string];
        const tokens = await service.login(await service.account(['administrator', 'ADMIN']));
        expect(await service.call(path, { method })).toMatchObject({ status: 401, body: { code: 'token_missing' } });
        expect(await service.call(path, { method, token: tokens.access_token })).toMatchObject({
          status: 403,
          body: { statusCode: 403, error: 'Forbidden', code: 'forbidden' },
        });
      },
    );
  });
});
