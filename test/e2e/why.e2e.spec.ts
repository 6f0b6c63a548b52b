import { Logger } from '@nestjs/common';
import { UsersService } from '../../src/service/accounts/users.service.js';
import { runWhy } from '../../src/service/why/why-command.js';
import { letPassInRedis } from '../stores/redis-time-travel.js';
import {
  NEW_PASSWORD,
  PASSWORD,
  startAccounts,
  type Account,
  type ServiceWithAccounts,
  type Tokens,
} from '../support/accounts.js';
import { freePort, startRedis, type RedisServer } from '../support/redis-server.js';

/** `keyturn why` of docs/operations.md. */
const [MINUTE, DAY] = [60_000, 86_400_000];
let redis: RedisServer;
let service: ServiceWithAccounts;
beforeAll(async () => {
  Logger.overrideLogger(false);
  redis = await startRedis();
  service = await startAccounts({
    REDIS_URL: redis.url,
    MAX_SESSIONS: '3',
    TRUST_PROXY: '127.0.0.1',
    AUTH_CLIENTS: '{"web":{"transport":"cookie"}}',
  });
});
afterAll(async () => {
  await service.stop();
  await redis.stop();
});

async function why(asked: string, url = redis.url): Promise<string> {
  let printed = '';
  await runWhy([asked], {
    redis: { url },
    userOf: (email) => service.app.get(UsersService, { strict: false }).findByEmail(email),
    write: (text) => (printed += text),
  });
  return printed;
}

const bearer = (tokens: Tokens) => ({ token: tokens.access_token });
const logout = (tokens: Tokens) => service.call('/auth/logout', { method: 'POST', ...bearer(tokens) });
const letPass = ({ id }: Account, milliseconds: number) => letPassInRedis(redis.client, 'kt:', id, milliseconds);

/** Each way to be logged out: what is done to a session, and what the command must call it. */
const WAYS: Readonly<
  Record<string, readonly [(account: Account, tokens: Tokens) => Promise<unknown>, string, RegExp]>
> = {
  'a logout': [(_, tokens) => logout(tokens), 'session_revoked (logout)', /^The user logged out on this device/m],
  'a logout from another device': [
    async (account, tokens) =>
      service.call(`/auth/sessions/${tokens.session_id}`, {
        method: 'DELETE',
        ...bearer(await service.login(account)),
      }),
    'session_revoked (other_device)',
    /^The session was ended from another session/m,
  ],
  'a logout everywhere': [
    async (account) => service.call('/auth/logout-all', { method: 'POST', ...bearer(await service.login(account)) }),
    'session_revoked (logout_everywhere)',
    /^The user logged out everywhere/m,
  ],
  'a changed password': [
    async (account) => {
      const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
      return service.call('/auth/password', { body, ...bearer(await service.login(account)) });
    },
    'session_revoked (password_changed)',
    /^The password was changed/m,
  ],
  'a reset password': [
    async ({ id }) => {
      const { ticket } = (await service.admin(`POST /admin/users/${id}/password-reset`)).body;
      return service.call('/auth/password-reset', { body: { ticket, new_password: NEW_PASSWORD } });
    },
    'session_revoked (password_reset)',
    /by a reset ticket/m,
  ],
  'a disabled account': [
    ({ id }) => service.admin(`PATCH /admin/users/${id}`, { disabled: true }),
    'session_revoked (disabled)',
    /^An administrator disabled the account/m,
  ],
  'an administrator': [
    ({ id }) => service.admin(`DELETE /admin/users/${id}/sessions`),
    'session_revoked (administrator)',
    /^An administrator ended all sessions/m,
  ],
  'newer logins': [
    async (account) => {
      for (let login = 0; login < 3; login += 1) await service.login(account);
    },
    'session_replaced (session_limit)',
    /MAX_SESSIONS/m,
  ],
  'a stolen token': [
    async (account, tokens) => {
      const successor = (await service.refresh(tokens)).body as Tokens;
      await service.refresh(successor);
      await letPass(account, 2 * MINUTE);
      const headers = { 'x-forwarded-for': '203.0.113.66' };
      return service.call('/auth/refresh', { body: { refresh_token: tokens.refresh_token }, headers });
    },
    'token_reused (reused)',
    /used again, so the session was ended for safety/m,
  ],
  'nobody using it': [
    async (account, tokens) => {
      await letPass(account, 20 * DAY);
      return service.refresh(tokens);
    },
    'session_ended (idle)',
    /longer than SESSION_IDLE/m,
  ],
  'its absolute end': [
    async (account, tokens) => {
      let now = tokens;
      for (let times = 0; times < 9; times += 1) {
        await letPass(account, 10 * DAY - MINUTE);
        now = (await service.refresh(now)).body as Tokens;
      }
      await service.login(account);
      await letPass(account, DAY);
      await service.login(account);
    },
    'session_ended (absolute)',
    /SESSION_ABSOLUTE/m,
  ],
};

describe.each(Object.entries(WAYS))('a session that was ended by %s', (_way, [end, told, meaning]) => {
  it('is explained as that, to who has its id and to who has the address', async () => {
    const account = await service.account();
    const headers = { 'x-forwarded-for': '198.51.100.4' };
    const body = { email: account.email, password: PASSWORD, device_name: 'Phone' };
    const tokens = (await service.call('/auth/login', { body, headers })).body as Tokens;
    await end(account, tokens);
    for (const asked of [tokens.session_id, account.email]) {
      const text = await why(asked);
      // Other logins of the same account may have ended by it too, and later.
      if (asked === tokens.session_id) expect(text).toContain(`Session ${tokens.session_id} has ended.`);
      expect(text).toContain(told);
      expect(text).toMatch(meaning);
      expect(text).toMatch(/^What to do: \S/m);
    }
    const timeline = await service.admin(`GET /admin/sessions/${tokens.session_id}/timeline?user=${account.id}`);
    expect(timeline.body.explanation).toMatch(meaning);
    const [, reason, cause] = /^(\w+) \((\w+)\)$/.exec(told)!;
    expect(timeline.body.events).toContainEqual(
      expect.objectContaining({ session_id: tokens.session_id, reason, cause }),
    );
    expect(await why(tokens.session_id)).toMatch(/opened .* from 198\.51\.100\.4, client default, "Phone"/);
  });
});

it('says how late and how far back a spent token was, and where it came from', async () => {
  const account = await service.account();
  const tokens = await service.login(account);
  await WAYS['a stolen token']![0](account, tokens);
  const text = await why(tokens.session_id);
  expect(text).toMatch(/^ {2}ended .*Z, just now, by a request from 203\.0\.113\.66$/m);
  expect(text).toMatch(/^ {2}token +2 rotation\(s\) old, spent for 2m.* when it came again$/m);
  expect(text).toMatch(/^ {2}used +refreshed 2 times/m);
});

it('is told to its owner as well, in the list of sessions that have ended', async () => {
  const account = await service.account();
  const [here, there] = [await service.login(account), await service.login(account, { device_name: 'Phone' })];
  await WAYS['a stolen token']![0](account, there);
  const { body } = await service.call('/auth/sessions/ended', bearer(here));
  expect(body.sessions).toEqual([
    expect.objectContaining({
      id: there.session_id,
      device_name: 'Phone',
      reason: 'token_reused',
      cause: 'reused',
      ended_from: '203.0.113.66',
    }),
  ]);
});

it('tells a new login in the same browser from too many logins', async () => {
  const { email } = await service.account();
  const body = { email, password: PASSWORD, client_id: 'web' };
  const headers = { 'sec-fetch-site': 'same-origin' };
  const first = await service.call('/auth/login', { body, headers });
  const cookies = first.headers.getSetCookie().map((one) => one.split(';')[0]);
  await service.call('/auth/login', { body, headers: { ...headers, cookie: cookies.join('; ') } });
  const text = await why(first.body.session_id as string);
  expect(text).toContain('session_replaced (new_login)');
  expect(text).toMatch(/^A new login in the same browser/m);
});

it('tells what came before, and what is alive', async () => {
  const account = await service.account();
  const first = await service.login(account);
  await logout(first);
  const second = await service.login(account);
  await letPass(account, 2 * MINUTE);
  const third = await service.login(account);
  await logout(second);
  const text = await why(account.email);
  expect(text).toContain(`Session ${second.session_id} has ended.`);
  expect(text).toMatch(new RegExp(`^Before it:\\n  \\S+Z  ${first.session_id}  logout from`, 'm'));
  expect(text).toMatch(new RegExp(`^Alive now:\\n  \\S+Z  ${third.session_id}  login from`, 'm'));
});

it('says of a living session that it is the app that lost it', async () => {
  const { session_id: sid } = await service.login(await service.account());
  expect(await why(sid)).toMatch(/^Session \S+ is alive\.[^]*has lost its tokens/);
});

it('says that the store may have lost it, where the store knows nothing', async () => {
  const account = await service.account();
  const { session_id: sid } = await service.login(account);
  await redis.client.flushall();
  for (const asked of [sid, account.email])
    expect(await why(asked)).toMatch(/the store lost it.*\nWhat to do: .*Redis lost/);
});

it('keeps and prints nothing of a token', async () => {
  const account = await service.account();
  const tokens = await service.login(account);
  const successor = (await service.refresh(tokens)).body as Tokens;
  await logout(successor);
  const { sec } = JSON.parse(Buffer.from(tokens.refresh_token.split('.')[1]!, 'base64url').toString()) as {
    sec: string;
  };
  const dump = [await why(account.email)];
  for (const key of await redis.client.keys('kt:{*')) {
    const all = await redis.client.hgetallBuffer(key);
    for (const value of Object.values(all)) dump.push(value.toString('latin1'), value.toString('base64url'));
  }
  const secrets = [tokens, successor].flatMap((one) => [one.access_token, one.refresh_token]);
  for (const secret of [...secrets, sec, Buffer.from(sec, 'base64url').toString('latin1')]) {
    expect(dump.some((text) => text.includes(secret))).toBe(false);
  }
});

it.each([[''], ['short'], ['no-such-thing-at-all-here-x']])('refuses %j with a sentence', async (asked) => {
  await expect(why(asked)).rejects.toThrow(/is no session id|Give one/);
});

it('says that an address is unknown', async () => {
  await expect(why('nobody@shop.example')).rejects.toThrow('Nobody has this address.');
});

it('a Redis that is away is told in a sentence, as everywhere', async () => {
  const asked = why('1799b82b-9545-4655-b87c-e76d413a579d', `redis://127.0.0.1:${await freePort()}`);
  await expect(asked).rejects.toThrow(/^Nothing listens at the address of Redis/);
});
