import { AuthClock } from '../../src/index.js';
import {
  NEW_PASSWORD,
  PASSWORD,
  startAccounts,
  type Account,
  type ServiceWithAccounts,
  type Tokens,
} from '../support/accounts.js';

const MINUTE = 60_000;

describe('what an administrator may not do', () => {
  let service: ServiceWithAccounts;
  let root: Account;
  let tokens: Tokens;
  beforeAll(async () => {
    service = await startAccounts();
    // The one of the test support gives way to one that is known here.
    root = await service.account(['admin']);
    const { users } = (await service.admin('GET /admin/users')).body as { users: { id: string; roles: string[] }[] };
    for (const { id } of users.filter((user) => user.roles.includes('admin') && user.id !== root.id)) {
      await service.admin(`PATCH /admin/users/${id}`, { roles: [] });
    }
    tokens = await service.login(root);
  });
  afterAll(() => service.stop());

  const asRoot = (call: string, body?: unknown, { access_token: token }: Tokens = tokens) => {
    const [method, path] = call.split(' ') as [string, string];
    return service.call(path, { method, body, token });
  };

  it.each([
    ['take the role from', 'PATCH', { roles: ['buyer'] }],
    ['disable', 'PATCH', { disabled: true }],
    ['delete', 'DELETE', undefined],
  ])('%s the last one, because then nobody could give the role again', async (_, method, body) => {
    const answer = await asRoot(`${method} /admin/users/${root.id}`, body);
    expect([answer.status, answer.body?.code]).toEqual([409, 'last_administrator']);
    expect((await asRoot('GET /admin/users')).status).toBe(200);
  });

  it('end the last one by two that demote each other at once', async () => {
    const [ann, bob] = [await service.account(['admin']), await service.account(['admin'])];
    const demote = async (by: Account, whom: Account) => {
      const mine = await service.login(by);
      return () => asRoot(`PATCH /admin/users/${whom.id}`, { roles: [] }, mine);
    };
    const calls = [await demote(ann, root), await demote(root, bob), await demote(bob, ann)];
    const answers = await Promise.all(calls.map((call) => call()));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThan(3);
    // Whoever is left makes the first one an administrator again, for the other tests.
    const left = [root, ann, bob];
    const logins = await Promise.all(left.map((account) => service.login(account)));
    const healed = await Promise.all(
      logins.map((one) => asRoot(`PATCH /admin/users/${root.id}`, { roles: ['admin'] }, one)),
    );
    expect(healed.map(({ status }) => status)).toContain(200);
    tokens = await service.login(root);
    for (const { id } of [ann, bob]) await asRoot(`PATCH /admin/users/${id}`, { roles: [] });
  });

  it('write with an old login: a token that was left somewhere makes no other administrator', async () => {
    const { id } = await service.account();
    const clock = service.app.get(AuthClock, { strict: false });
    const now = jest.spyOn(clock, 'now').mockReturnValue(clock.now() + 16 * MINUTE);
    const writes: [string, unknown?][] = [
      ['POST /admin/users', { email: 'eve@shop.example', roles: ['admin'] }],
      [`PATCH /admin/users/${id}`, { roles: ['admin'] }],
      [`POST /admin/users/${id}/password-reset`],
      [`DELETE /admin/users/${id}/sessions`],
      [`DELETE /admin/users/${id}`],
    ];
    for (const [call, body] of writes) {
      const answer = await asRoot(call, body);
      expect([call, answer.status, answer.body.code]).toEqual([call, 401, 'insufficient_user_authentication']);
      expect(answer.headers.get('www-authenticate')).toContain('max_age="900"');
    }
    expect((await asRoot('GET /admin/users')).status).toBe(200);
    now.mockRestore();
  });

  it('write by a session that has ended, whatever this instance has heard of it', async () => {
    const ended = await service.login(root);
    await service.call('/auth/logout', { body: { refresh_token: ended.refresh_token } });
    expect((await asRoot('POST /admin/users', { email: 'eve@shop.example' }, ended)).status).toBe(401);
  });

  it('leave a reset ticket in force for an account that is disabled', async () => {
    const account = await service.account();
    const { ticket } = (await asRoot(`POST /admin/users/${account.id}/password-reset`)).body;
    await asRoot(`PATCH /admin/users/${account.id}`, { disabled: true });
    await asRoot(`PATCH /admin/users/${account.id}`, { disabled: false });
    const answer = await service.call('/auth/password-reset', { body: { ticket, new_password: NEW_PASSWORD } });
    expect([answer.status, answer.body.code]).toEqual([400, 'ticket_invalid']);
  });

  it('learn from an unknown client_id whether the password was right', async () => {
    const { email } = await service.account();
    const answers = await Promise.all(
      [PASSWORD, 'wrong horse battery'].map((password) =>
        service.call('/auth/login', { body: { email, password, client_id: 'nobody' } }),
      ),
    );
    expect(answers[0]!.body).toEqual(answers[1]!.body);
    expect(answers[0]!.status).toBe(400);
  });

  it.each([
    ['a zero-width space', 'eve\u200b@shop.example'],
    ['a zero-width joiner', 'eve\u200d@shop.example'],
    ['a soft hyphen', 'e\u00adve@shop.example'],
    ['a control for text from right to left', '\u202eeve@shop.example'],
    ['a byte order mark inside', 'eve\ufeff1@shop.example'],
    ['a filler', 'eve\u3164@shop.example'],
    ['a variation selector', 'eve\ufe0f@shop.example'],
    ['a zero-width space in the domain', 'eve@shop\u200b.example'],
    ['a NUL', 'eve\u0000@shop.example'],
  ])('make an account whose address looks like another, by %s', async (_, email) => {
    for (const [call, body] of [
      ['POST /admin/users', { email }],
      ['POST /auth/register', { email, password: PASSWORD }],
    ] as const) {
      const answer = await asRoot(call, body);
      expect([call, answer.status, answer.body.code]).toEqual([call, 400, 'invalid_request']);
    }
  });
});
