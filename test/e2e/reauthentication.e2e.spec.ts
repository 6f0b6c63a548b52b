import { AuthEvents, type AuthEvent } from '../../src/index.js';
import { NEW_PASSWORD, PASSWORD, startAccounts, type ServiceWithAccounts, type Tokens } from '../support/accounts.js';
import { readToken } from '../support/adapters.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describe.each(['in memory', 'in Redis'] as const)('the password once more, sessions %s', (where) => {
  let service: ServiceWithAccounts;
  const events: AuthEvent[] = [];
  beforeAll(async () => {
    service = await startAccounts(where === 'in Redis' ? { REDIS_URL: redis.url } : {});
    service.app.get(AuthEvents, { strict: false }).listen((event) => events.push(event));
  });
  afterAll(() => service.stop());

  const giveAgain = ({ access_token: token }: Pick<Tokens, 'access_token'>, password: unknown = PASSWORD) =>
    service.call('/auth/reauthenticate', { body: { password }, token });

  it('gives an access token of the same session, whose login is now, and no refresh token', async () => {
    const account = await service.account(['buyer']);
    const tokens = await service.login(account);
    const asked = Math.floor(Date.now() / 1000);
    const { status, headers, body } = await giveAgain(tokens);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 1800,
      renew_after: 900,
      session_expires_in: expect.any(Number),
      session_id: tokens.session_id,
    });
    const [before, after] = [readToken(tokens.access_token), readToken(body.access_token as string)];
    expect(after).toMatchObject({ sid: before.sid, gen: before.gen, roles: ['buyer'], amr: ['pwd'] });
    // The token is made a moment after the password was verified, maybe in the next second.
    expect(after.auth_time).toBeLessThanOrEqual(after.iat as number);
    expect(after.auth_time).toBeGreaterThanOrEqual(asked - 1);
    expect(await service.told(body as Tokens)).toBe('ok');
    expect(await service.toldAtRefresh(tokens)).toBe('ok');
  });

  it.each<[string, unknown, number, string]>([
    ['a wrong password', 'wrong horse battery', 401, 'invalid_credentials'],
    ['none', undefined, 400, 'invalid_request'],
    ['a list', [PASSWORD], 400, 'invalid_request'],
    ['2 KiB', 'x'.repeat(2048), 400, 'invalid_request'],
  ])('is refused for %s, and the session goes on', async (_story, password, status, code) => {
    const tokens = await service.login(await service.account());
    const body = password === undefined ? {} : { password };
    const answer = await service.call('/auth/reauthenticate', { body, token: tokens.access_token });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await service.toldAtRefresh(tokens)).toBe('ok');
  });

  it('tells of a success and of a wrong password, and not of the password', async () => {
    const tokens = await service.login(await service.account());
    const { sub, sid } = readToken(tokens.access_token);
    events.length = 0;
    const wrong = await giveAgain(tokens, 'wrong horse battery');
    // As at a login: which credentials were wrong is nobody's business.
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="http://localhost:3000"');
    await giveAgain(tokens);
    expect(events).toEqual([
      expect.objectContaining({ type: 'password.refused', sub, sid, code: 'invalid_credentials' }),
      expect.objectContaining({ type: 'session.reauthenticated', sub, sid, by: sub }),
    ]);
    expect(JSON.stringify(events)).not.toContain('horse');
  });

  it('takes a bearer: nobody, a refresh token and who has logged out are refused', async () => {
    const tokens = await service.login(await service.account());
    expect((await service.call('/auth/reauthenticate', { body: { password: PASSWORD } })).body.code).toBe(
      'token_missing',
    );
    expect((await giveAgain({ access_token: tokens.refresh_token })).body.code).toBe('token_invalid');
    await service.call('/auth/logout', { body: { refresh_token: tokens.refresh_token } });
    expect((await giveAgain(tokens)).body.code).toBe('session_revoked');
  });

  it('takes the password of the bearer, and of nobody else', async () => {
    const [ann, bob] = [await service.account(), await service.account()];
    const change = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    const bobs = await service.login(bob);
    await service.call('/auth/password', { body: change, token: bobs.access_token });
    const anns = await service.login(ann);
    expect((await giveAgain(anns, NEW_PASSWORD)).body.code).toBe('invalid_credentials');
    expect((await giveAgain(anns)).status).toBe(200);
  });

  it('is dead at once when the password is changed, like every token from before', async () => {
    const tokens = await service.login(await service.account());
    const fresh = (await giveAgain(tokens)).body as Tokens;
    const change = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    await service.call('/auth/password', { body: change, token: tokens.access_token });
    expect(await service.told(fresh)).toBe('session_revoked');
    expect((await giveAgain(fresh, NEW_PASSWORD)).body.code).toBe('session_revoked');
  });

  it('is closed to a disabled account', async () => {
    const account = await service.account();
    const tokens = await service.login(account);
    await service.admin(`PATCH /admin/users/${account.id}`, { disabled: true });
    expect((await giveAgain(tokens)).body.code).toBe('session_revoked');
  });
});

describe('the password once more, while the store is away', () => {
  it('is a 503 that says when to try again', async () => {
    const own = await startRedis();
    const service = await startAccounts({ REDIS_URL: own.url });
    const tokens = await service.login(await service.account());
    await own.stop();
    const call = { body: { password: PASSWORD }, token: tokens.access_token };
    const answer = await service.call('/auth/reauthenticate', call);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(['store_unavailable', 'temporarily_unavailable']).toContain(answer.body.code);
    await service.stop();
  });
});
