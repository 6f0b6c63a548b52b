import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthEvents, auditHash, type AuthEvent } from '../../src/index.js';
import { UsersService } from '../../src/service/accounts/users.service.js';
import { readToken } from '../support/adapters.js';
import { startService, type Answer, type RunningService } from '../support/service.js';

const [PASSWORD, WRONG, RESET] = ['correct horse battery', 'wrong horse battery', 'another horse battery'];
const EMAIL = 'Ada.Lovelace@shop.example';

describe('the audit log of the service', () => {
  let service: RunningService;
  const events: AuthEvent[] = [];
  const written: string[] = [];
  const secrets = new Set<string>([PASSWORD, WRONG, RESET, EMAIL, EMAIL.toLowerCase(), 'nobody@shop.example']);

  const call = async (path: string, request: Parameters<RunningService['call']>[1] = {}): Promise<Answer> => {
    const answer = await service.call(path, request);
    const { access_token: access, refresh_token: refresh } = answer.body ?? {};
    for (const token of [access, refresh] as (string | undefined)[]) {
      // The header is the same in all tokens; each other part would be a leak by itself.
      if (token) [token, ...token.split('.').slice(1)].forEach((part) => secrets.add(part));
    }
    if (refresh) secrets.add(readToken(refresh as string).sec as string);
    return answer;
  };
  const login = (password = PASSWORD, email = EMAIL, headers = {}) =>
    call('/auth/login', { body: { email, password, device_name: "Ada's phone" }, headers });
  const refresh = (token: unknown, headers = {}) =>
    call('/auth/refresh', { body: { refresh_token: token }, headers: { 'user-agent': 'Test/1.0', ...headers } });

  const lines = (): Record<string, unknown>[] =>
    written
      .join('')
      .split('\n')
      .filter((line) => line.includes('"context":"Audit"'))
      .map((line) => {
        const {
          time: _,
          level: __,
          context: ___,
          message: ____,
          instance: _____,
          ...fields
        } = JSON.parse(line) as Record<string, unknown>;
        return fields;
      });

  beforeAll(async () => {
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    }
    const settings = { LOG_LEVEL: 'verbose', LOG_FORMAT: 'json', REFRESH_GRACE: '1s', MAX_SESSIONS: '4' };
    const folder = await mkdtemp(join(tmpdir(), 'keyturn-audit-'));
    service = await startService({ ...settings, DATA_DIR: folder });
    service.app.get(AuthEvents).listen((event) => events.push(event));

    await call('/auth/register', { body: { email: EMAIL, password: PASSWORD } });
    await call('/auth/register', { body: { email: EMAIL, password: PASSWORD } });
    await call('/auth/register', { body: { email: 'nobody@shop.example', password: 'short' } });
    await login(WRONG, EMAIL, { 'x-request-id': 'the-wrong-one' });
    await login(PASSWORD, 'nobody@shop.example');
    const first = (await login()).body;
    // Two tabs, then a thief, then the owner.
    const tabs = await Promise.all([refresh(first.refresh_token), refresh(first.refresh_token)]);
    const second = (await refresh(tabs[0].body.refresh_token, { 'idempotency-key': 'phone-1-3f0c9a7e51d24b' })).body;
    expect((await refresh(first.refresh_token, { 'x-request-id': 'the-thief' })).body.code).toBe('token_reused');
    expect((await refresh(second.refresh_token)).status).toBe(401);
    // All kinds of refusals, with real secrets in odd places.
    const other = (await login()).body;
    await refresh(other.access_token);
    await refresh(`${other.refresh_token}x`);
    await refresh({ token: other.refresh_token });
    await call(`/auth/me?access_token=${other.access_token}`);
    await call(`/nothing/${other.access_token}`);
    await call('/auth/me', { token: other.refresh_token });
    await call('/auth/login', { body: `{"email":"${EMAIL}","password":"${PASSWORD}"` });
    await call('/auth/login', { body: { email: EMAIL, password: PASSWORD, client_id: 'tv' } });
    await call('/auth/login', { body: { email: EMAIL, password: PASSWORD, secret: PASSWORD } });
    await call('/auth/renew', { method: 'POST', token: other.access_token });
    await call('/auth/logout', { body: { refresh_token: `${other.refresh_token}x` } });
    await call('/auth/logout', { body: { refresh_token: other.refresh_token }, headers: { 'x-request-id': 'bye' } });
    // An administrator, a new password by a ticket and by the old one, and the end of the account.
    const users = service.app.get(UsersService);
    await users.register('root@shop.example', PASSWORD, ['admin']);
    const { access_token: admin } = (await login(PASSWORD, 'root@shop.example')).body;
    const ada = `/admin/users/${(await users.findByEmail(EMAIL))!.id}`;
    const { ticket } = (await call(`${ada}/password-reset`, { method: 'POST', token: admin })).body;
    secrets.add(ticket as string);
    expect((await call('/auth/password-reset', { body: { ticket, new_password: RESET } })).status).toBe(204);
    const { access_token: mine } = (await login(RESET)).body;
    const change = { current_password: RESET, new_password: PASSWORD };
    const guess = { body: { ...change, current_password: WRONG }, token: mine, headers: { 'x-request-id': 'a-guess' } };
    expect((await call('/auth/password', guess)).status).toBe(401);
    expect((await call('/auth/password', { body: change, token: mine })).status).toBe(200);
    const patch = (body: object) => call(ada, { method: 'PATCH', body, token: admin });
    expect((await patch({ disabled: true })).status).toBe(200);
    expect((await patch({ disabled: false, roles: ['buyer'] })).status).toBe(200);
    for (let devices = 0; devices < 5; devices++) await login();

    expect((await call(ada, { method: 'DELETE', token: admin })).status).toBe(204);
    const keys = JSON.parse(await readFile(join(folder, 'keys.json'), 'utf8')) as {
      keys: { d?: string; k?: string }[];
    };
    for (const { d, k } of keys.keys) secrets.add((d ?? k)!);
    await service.stop();
    await rm(folder, { recursive: true });
    jest.restoreAllMocks();
  });

  it('holds no token, no part of one, no password, no key and no address, and no other line does either', () => {
    expect(secrets.size).toBeGreaterThan(30);
    expect(written.length).toBeGreaterThan(15);
    const everything = [...written, ...events.map((event) => JSON.stringify(event))];
    expect([...secrets].filter((secret) => everything.some((text) => text.includes(secret)))).toEqual([]);
  });

  it('has a line for every event, in its order, with names as hashes', () => {
    expect(lines().map(({ event }) => event)).toEqual(events.map(({ type }) => type));
    const user = events.find((event) => event.type === 'user.registered')!;
    const mine = lines().filter(({ sub_hash: hash }) => hash === auditHash(user.sub));
    expect(mine.length).toBe(events.filter((event) => 'sub' in event && event.sub === user.sub).length);
  });

  it('tells the story of the theft, by its request', () => {
    const opened = lines().find(({ event }) => event === 'session.opened')!;
    const theft = lines().filter(({ client_request_id: id }) => id === 'the-thief');
    // The id of the service is its own; what the client sent stands beside it, marked as such.
    const request = { request_id: expect.any(String), client_request_id: 'the-thief', ip: '127.0.0.1' };
    const common = { sid: opened.sid, sub_hash: opened.sub_hash, ...request };
    expect(theft).toEqual([
      { event: 'token.reused', ...common, client_id: 'default', seq: 0, distance: 2, age_ms: expect.any(Number) },
      { event: 'session.ended', ...common, reason: 'token_reused', cause: 'reused' },
    ]);
  });

  it('tells of a failed login by a hash of the address, whatever its case, and by the code of the answer', () => {
    const failed = lines().filter(({ event }) => event === 'login.failed');
    expect(failed.map(({ code }) => code)).toEqual(['invalid_credentials', 'invalid_credentials', 'invalid_request']);
    expect(failed[0]).toEqual({
      event: 'login.failed',
      client_request_id: 'the-wrong-one',
      code: 'invalid_credentials',
      request_id: expect.any(String),
      ip: '127.0.0.1',
      account_hash: auditHash(EMAIL.toLowerCase()),
    });
  });

  it('tells of a wrong password from somebody who is logged in, by the user and the session', () => {
    const refused = lines().filter(({ event }) => event === 'password.refused');
    const changed = lines().find(({ event, proof }) => event === 'password.changed' && proof === 'password')!;
    const opened = lines().filter(({ event }) => event === 'session.opened');
    expect(refused).toEqual([
      {
        event: 'password.refused',
        client_request_id: 'a-guess',
        code: 'invalid_credentials',
        ip: '127.0.0.1',
        request_id: expect.any(String),
        sub_hash: changed.sub_hash,
        sid: expect.any(String),
      },
    ]);
    expect(opened.map(({ sid }) => sid)).toContain(refused[0]!.sid);
  });

  it('has an id for each request that brought none', () => {
    expect(lines().filter(({ request_id: id }) => typeof id !== 'string' || id === '')).toEqual([]);
  });

  it('saw everything that there is to tell of but a renewal and a fallen store', () => {
    expect([...new Set(events.map(({ type }) => type))].toSorted()).toEqual([
      'claims.changed',
      'login.failed',
      'password.changed',
      'password.refused',
      'password.ticket_issued',
      'session.ended',
      'session.opened',
      'subject.revoked',
      'token.refreshed',
      'token.replayed',
      'token.reused',
      'user.deleted',
      'user.disabled',
      'user.enabled',
      'user.registered',
    ]);
    const reasons = lines().flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
    expect([...new Set(reasons)]).toEqual(['token_reused', 'session_revoked', 'session_replaced']);
  });

  it('tells which administrator did it, also of the sessions that ended by it', () => {
    const [, admin] = [...new Set(events.flatMap((event) => (event.type === 'session.opened' ? [event.sub] : [])))];
    const disabled = lines().find(({ event }) => event === 'user.disabled')!;
    const byAdmin = lines().filter(({ by_hash: hash }) => hash === auditHash(admin!));
    expect(new Set(byAdmin.map(({ event }) => event))).toEqual(
      new Set([
        'password.ticket_issued',
        'user.disabled',
        'user.enabled',
        'user.deleted',
        'subject.revoked',
        'claims.changed',
        'session.ended',
      ]),
    );
    const ended = lines().filter(({ request_id: id }) => id === disabled.request_id);
    expect(ended.map(({ event }) => event)).toEqual(['user.disabled', 'subject.revoked', 'session.ended']);
    const changed = lines().filter(({ event }) => event === 'password.changed');
    expect(changed.map(({ proof, by_hash: by }) => [proof, by])).toEqual([
      ['ticket', undefined],
      ['password', undefined],
    ]);
  });
});
