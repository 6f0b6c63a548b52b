import { AuthClock } from '../../src/index.js';
import { startAccounts, type Account, type ServiceWithAccounts } from '../support/accounts.js';

/** What administrators look up: accounts page by page, the sessions of one, and what happened to a session. */
const HOUR = 3_600_000;
const NOBODY = '00000000-0000-4000-8000-000000000000';
let service: ServiceWithAccounts;
beforeAll(async () => {
  service = await startAccounts({ MAX_SESSIONS: '200' });
});
afterAll(() => service.stop());

interface Entry {
  readonly id: string;
  readonly email?: string;
}
const read = async (path: string) => {
  const { status, body } = await service.admin(`GET ${path}`);
  return { status, ...body } as { status: number; users?: Entry[]; sessions?: Entry[]; next?: string; code?: string };
};

describe('the list of accounts', () => {
  it('comes in pages, each with what to ask for next, and the last one without', async () => {
    const name = `page${Date.now()}`;
    for (const letter of ['c', 'a', 'b'])
      await service.admin('POST /admin/users', { email: `${name}${letter}@x.example` });
    const first = await read(`/admin/users?prefix=${name.toUpperCase()}&limit=2`);
    expect(first.users!.map(({ email }) => email)).toEqual([`${name}a@x.example`, `${name}b@x.example`]);
    const second = await read(`/admin/users?prefix=${name}&limit=2&after=${first.next}`);
    expect(second).toMatchObject({ status: 200, users: [{ email: `${name}c@x.example` }] });
    expect(second.next).toBeUndefined();
    const newest = await read('/admin/users?limit=1');
    expect(newest.users).toMatchObject([{ email: `${name}b@x.example` }]);
    expect((await read(`/admin/users?limit=1&after=${newest.next}`)).users).toMatchObject([
      { email: `${name}a@x.example` },
    ]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['after=x', 'after'],
    [`after=${'x'.repeat(3000)}`, 'after'],
    [`prefix=${'x'.repeat(255)}`, 'prefix'],
    ['prefix=a&email=a', "'prefix'"],
    ['prefix=a&prefix=b', 'prefix'],
    ['prefx=a', 'prefx'],
    ['__proto__=a', '__proto__'],
  ])('refuses ?%s with the name of the field', async (query, field) => {
    const { status, body } = await service.admin(`GET /admin/users?${query}`);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.message).toContain(field);
  });
});

describe('the sessions of an account', () => {
  let account: Account;
  beforeAll(async () => {
    account = await service.account();
  });

  it('come in pages, the oldest first, and each once though others end and begin meanwhile', async () => {
    const logins = [];
    for (let login = 0; login < 5; login += 1) logins.push(await service.login(account, { device_name: `d${login}` }));
    const path = `/admin/users/${account.id}/sessions?limit=2`;
    const first = await read(path);
    expect(first.sessions).toEqual([
      {
        id: logins[0]!.session_id,
        client_id: 'default',
        device_name: 'd0',
        user_agent: expect.any(String),
        ip: expect.any(String),
        created_at: expect.any(Number),
        last_seen_at: expect.any(Number),
        expires_at: expect.any(Number),
      },
      expect.objectContaining({ id: logins[1]!.session_id }),
    ]);
    await service.admin(`DELETE /admin/users/${account.id}/sessions/${logins[1]!.session_id}`);
    const second = await read(`${path}&after=${first.next}`);
    const third = await read(`${path}&after=${second.next}`);
    expect([...second.sessions!, ...third.sessions!].map(({ id }) => id)).toEqual(
      logins.slice(2).map(({ session_id: sid }) => sid),
    );
    expect(third.next).toBeUndefined();
  });

  it('end one by one: that one is logged out at once, and its owner is told why', async () => {
    const [kept, ended] = [await service.login(account), await service.login(account)];
    const call = `DELETE /admin/users/${account.id.toUpperCase()}/sessions/${ended.session_id}`;
    expect((await service.admin(call)).status).toBe(204);
    expect(await service.told(ended)).toBe('session_revoked');
    expect(await service.toldAtRefresh(ended)).toBe('session_revoked');
    expect(await service.told(kept)).toBe('ok');
    // It may be repeated: the first answer may have been lost.
    expect((await service.admin(call)).status).toBe(204);
  });

  it('are not ended under another account, nor with a password that was given long ago', async () => {
    const other = await service.account();
    const { session_id: sid } = await service.login(account);
    for (const path of [`${other.id}/sessions/${sid}`, `${account.id}/sessions/x`, `x/sessions/${sid}`]) {
      const { status, body } = await service.admin(`DELETE /admin/users/${path}`);
      expect([path, status, body.code]).toEqual([path, 404, 'not_found']);
    }
    const clock = service.app.get(AuthClock, { strict: false });
    const now = jest.spyOn(clock, 'now').mockReturnValue(clock.now() + HOUR / 3);
    const { status, body } = await service.admin(`DELETE /admin/users/${account.id}/sessions/${sid}`);
    const list = await service.admin(`GET /admin/users/${account.id}/sessions`);
    now.mockRestore();
    expect([status, body.code, list.status]).toEqual([401, 'insufficient_user_authentication', 200]);
  });
});

describe('the timeline of a session', () => {
  const timeline = async (user: string, sid: string) =>
    (await service.admin(`GET /admin/sessions/${sid}/timeline?user=${user}`)).body;

  it('has its login, its refreshes and its end, and what happened to the others until then', async () => {
    const account = await service.account();
    const before = await service.login(account, { device_name: 'Old phone' });
    await service.call('/auth/logout', { method: 'POST', token: before.access_token });
    const tokens = await service.login(account, { device_name: 'Phone' });
    await service.refresh(tokens);
    const alive = await timeline(account.id, tokens.session_id);
    expect(alive).toMatchObject({ session_id: tokens.session_id, state: 'alive' });
    await service.admin(`DELETE /admin/users/${account.id}/sessions/${tokens.session_id}`);
    const told = await timeline(account.id.toUpperCase(), tokens.session_id);
    expect(told).toMatchObject({
      session_id: tokens.session_id,
      state: 'ended',
      explanation: expect.stringMatching(/administrator/),
      advice: expect.stringMatching(/\S/),
    });
    const events = (told.events as Record<string, unknown>[]).map(({ session_id: sid, event, cause, refreshes }) => [
      sid === tokens.session_id,
      event,
      cause ?? refreshes,
    ]);
    expect(events).toEqual(
      expect.arrayContaining([
        [false, 'session.opened', undefined],
        [false, 'session.ended', 'logout'],
        [true, 'session.opened', undefined],
        [true, 'session.refreshed', 1],
        [true, 'session.ended', 'administrator'],
      ]),
    );
    expect(events).toHaveLength(5);
    expect(JSON.stringify(told)).not.toContain(tokens.refresh_token);
  });

  it('is asked for with the user, since the store has no list of all sessions', async () => {
    const account = await service.account();
    const { session_id: sid } = await service.login(account);
    const missing = await service.admin(`GET /admin/sessions/${sid}/timeline`);
    expect([missing.status, missing.body.code]).toEqual([400, 'invalid_request']);
    expect(missing.body.message).toContain('user');
    for (const [user, asked] of [
      [NOBODY, sid],
      ['x', sid],
      [account.id, 'AAAAAAAAAAAAAAAAAAAAAA'],
      [account.id, 'x'],
    ]) {
      const { status, body } = await service.admin(`GET /admin/sessions/${asked}/timeline?user=${user}`);
      expect([user, status, body.code]).toEqual([user, 404, 'not_found']);
    }
  });
});

it.each([
  `GET /admin/users/${NOBODY}/sessions`,
  `DELETE /admin/users/${NOBODY}/sessions/AAAAAAAAAAAAAAAAAAAAAA`,
  `GET /admin/sessions/AAAAAAAAAAAAAAAAAAAAAA/timeline?user=${NOBODY}`,
])('only an administrator may %s; with no token 401, with any other role 403', async (call) => {
  const [method, path] = call.split(' ') as [string, string];
  const { access_token: token } = await service.login(await service.account(['buyer']));
  expect(await service.call(path, { method })).toMatchObject({ status: 401, body: { code: 'token_missing' } });
  expect(await service.call(path, { method, token })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect(await service.admin(call)).toMatchObject({ status: 404, body: { code: 'not_found' } });
});
