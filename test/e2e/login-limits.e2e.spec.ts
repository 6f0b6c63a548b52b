import { randomUUID } from 'node:crypto';
import { AuthEvents, generateKeys, type AuthEvent } from '../../src/index.js';
import { AccountChanges } from '../../src/service/accounts/account-changes.js';
import { ServiceMetrics } from '../../src/service/metrics/service-metrics.js';
import { PASSWORD, startAccounts, type ServiceWithAccounts } from '../support/accounts.js';
import { readMetrics } from '../support/metrics.js';
import { startPostgres } from '../support/postgres-server.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startService, type Answer, type RunningService } from '../support/service.js';

const QUARTER = 15 * 60;

describe('logins are limited, by two instances on one Redis', () => {
  let redis: RedisServer;
  let postgres: { readonly url: string; stop(): Promise<void> };
  let service: ServiceWithAccounts;
  let other: RunningService;
  const events: AuthEvent[] = [];

  beforeAll(async () => {
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    const env = {
      REDIS_URL: redis.url,
      // A hundred at once on a busy machine wait for longer than the usual second.
      REDIS_COMMAND_TIMEOUT: '5s',
      DATABASE_URL: postgres.url,
      AUTH_KEYS: JSON.stringify(generateKeys()),
      // The tests stand where a proxy stands, and say where each request comes from.
      TRUST_PROXY: '127.0.0.1',
      AUTH_CLIENTS: '{"web":{"transport":"cookie"}}',
      LOGIN_LIMITS: '{"register":"3/1h","ticket":"2/1h","refresh":"5/1m"}',
    };
    service = await startAccounts(env);
    other = await startService(env);
    for (const { app } of [service, other]) app.get(AuthEvents).listen((event) => events.push(event));
  });
  afterAll(async () => {
    await Promise.all([service.stop(), other.stop()]);
    await Promise.all([redis.stop(), postgres.stop()]);
  });

  let sources = 0;
  /** An address that no other test has. */
  const newSource = (): string => `198.51.${100 + (sources >> 8)}.${sources++ & 255}`;
  const from = (source: string) => ({ 'x-forwarded-for': source });
  const guess = (email: string, source: string, where: RunningService = service, more: object = {}): Promise<Answer> =>
    where.call('/auth/login', { body: { email, password: 'wrong horse battery', ...more }, headers: from(source) });
  const login = (email: string, source: string, more: object = {}): Promise<Answer> =>
    service.call('/auth/login', { body: { email, password: PASSWORD, ...more }, headers: from(source) });
  /** How many were answered so. */
  const answered = (answers: readonly Answer[], code: string): number =>
    answers.filter(({ body }) => body.code === code).length;
  /** Eight at once: on a busy machine more of them would wait too long for their hash, and not be counted. */
  const inLanes = async (count: number, ask: (n: number) => Promise<Answer>): Promise<Answer[]> => {
    let next = 0;
    const answers: Answer[] = [];
    const lane = async (): Promise<void> => {
      while (next < count) answers.push(await ask(next++));
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    return answers;
  };
  const inTurn = async (count: number, ask: () => Promise<Answer>): Promise<Answer[]> => {
    const answers = [];
    for (let n = 0; n < count; n++) answers.push(await ask());
    return answers;
  };

  it('tells sources apart behind a proxy that writes a port behind each address, as that of Azure does', async () => {
    const { email } = await service.account();
    const source = newSource();
    // Each connection of a client has another port.
    const answers = await inLanes(12, (n) => guess(email, `${source}:${50_000 + n}`));
    expect([answered(answers, 'invalid_credentials'), answered(answers, 'too_many_attempts')]).toEqual([10, 2]);
    expect((await login(email, `${newSource()}:50000`)).status).toBe(200);
  });

  it('checks ten of a hundred parallel guesses of one source on one account, and says when to come again', async () => {
    const { email } = await service.account();
    const source = newSource();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => guess(email, source, n % 2 === 0 ? service : other)),
    );
    expect(answered(answers, 'invalid_credentials')).toBe(10);
    const refused = answers.filter(({ status }) => status === 429);
    // On a busy machine some are not even counted in time.
    const unanswered = answers.filter(({ status }) => status === 503);
    expect(refused.length + unanswered.length).toBe(90);
    expect(refused[0]!.body).toEqual({
      statusCode: 429,
      error: 'Too Many Requests',
      code: 'too_many_attempts',
      message: expect.any(String),
    });
    for (const { headers } of refused) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(QUARTER);
    }
  });

  it('checks at most fifty on one account from however many sources, and makes nobody wait for over 15 minutes', async () => {
    const { email } = await service.account();
    const answers = await inLanes(100, (n) => guess(email, newSource(), n % 2 === 0 ? service : other));
    // Three of the fifty are for the rest of the hour.
    expect(answered(answers, 'invalid_credentials')).toBe(47);
    expect(answered(answers, 'too_many_attempts')).toBe(53);
    const honest = await login(email, newSource());
    expect(honest.body.code).toBe('too_many_attempts');
    expect(Number(honest.headers.get('retry-after'))).toBeLessThanOrEqual(QUARTER);
  });

  it('does not let one source use up what an account has over all sources', async () => {
    const { email } = await service.account();
    const source = newSource();
    await Promise.all(Array.from({ length: 100 }, () => guess(email, source)));
    expect((await login(email, newSource())).status).toBe(200);
  });

  it('limits an address that nobody has in the same way, so that a limit tells nothing', async () => {
    const source = newSource();
    const answers = await inTurn(11, () => guess('nobody@shop.example', source));
    expect(answered(answers, 'invalid_credentials')).toBe(10);
    expect(answers.at(-1)!.status).toBe(429);
  });

  it('counts spellings of one address as one account', async () => {
    const email = `${randomUUID()}@shop.example`;
    const source = newSource();
    await inTurn(5, () => guess(email, source));
    await inTurn(5, () => guess(` ${email.toUpperCase()}`, source));
    expect((await guess(email, source)).status).toBe(429);
  });

  it('counts wrong passwords alone: right ones, however many, lock nobody out', async () => {
    const { email } = await service.account();
    const source = newSource();
    const answers = await inTurn(15, () => login(email, source));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await inTurn(9, () => guess(email, source));
    expect((await login(email, source)).status).toBe(200);
    expect((await guess(email, source)).body.code).toBe('invalid_credentials');
    expect((await guess(email, source)).body.code).toBe('too_many_attempts');
  });

  it('limits a source over all accounts, an IPv6 /64 as one and an IPv4 address in either spelling', async () => {
    const anyone = () => `${randomUUID()}@shop.example`;
    const network: Answer[] = [];
    for (let n = 1; n <= 101; n++) network.push(await guess(anyone(), `2001:db8:7:7::${n.toString(16)}`));
    expect(answered(network, 'invalid_credentials')).toBe(100);
    expect((await guess(anyone(), '2001:db8:7:8::1')).status).toBe(401);
    const source = newSource();
    const email = anyone();
    await inTurn(5, () => guess(email, source));
    await inTurn(5, () => guess(email, `::ffff:${source}`));
    expect((await guess(email, source)).status).toBe(429);
  });

  it('gives a session guesses of its own, so that others cannot keep its owner from what needs the password', async () => {
    const account = await service.account();
    const { access_token: token } = await service.login(account);
    await inLanes(60, () => guess(account.email, newSource()));
    const source = newSource();
    const again = (password: string) =>
      service.call('/auth/reauthenticate', { body: { password }, token, headers: from(source) });
    expect((await again(PASSWORD)).status).toBe(200);
    const wrong = await inTurn(11, () => again('wrong horse battery'));
    expect(answered(wrong, 'invalid_credentials')).toBe(10);
    expect(wrong.at(-1)!.status).toBe(429);
    const change = { current_password: PASSWORD, new_password: 'another horse battery' };
    const changed = await service.call('/auth/password', { body: change, token, headers: from(source) });
    expect(changed.body.code).toBe('too_many_attempts');
  });

  describe('a device that logged in before', () => {
    /** Nobody knows its holder's password, but of many sources each tries. */
    const attack = (email: string): Promise<Answer[]> => inLanes(60, () => guess(email, newSource()));

    it('is let in while others guess, by what the last login answered it', async () => {
      const { email } = await service.account();
      const source = newSource();
      const first = await login(email, source);
      await attack(email);
      expect((await login(email, source)).status).toBe(429);
      const again = await login(email, source, { device_token: first.body.device_token });
      expect(again.status).toBe(200);
      expect(again.body.device_token).toEqual(expect.any(String));
    });

    it('is known by a cookie that no script, no other host and no plain connection gets, and that a logout leaves', async () => {
      const { email } = await service.account();
      const source = newSource();
      const byCookie = (cookie?: string) =>
        service.call('/auth/login', {
          body: { email, password: PASSWORD, client_id: 'web' },
          headers: { ...from(source), 'sec-fetch-site': 'same-origin', ...(cookie !== undefined && { cookie }) },
        });
      const first = await byCookie();
      expect(first.body).not.toHaveProperty('device_token');
      const set = first.headers.getSetCookie().find((text) => text.startsWith('__Host-device='))!;
      expect(set.replace(/=[^;]*/, '=…')).toBe(
        '__Host-device=…; Path=/; Max-Age=15552000; HttpOnly; Secure; SameSite=Strict',
      );
      await attack(email);
      expect((await byCookie()).status).toBe(429);
      const [pair] = set.split(';');
      expect((await byCookie(`__Host-device=made.up; ${pair}`)).status).toBe(200);
      const out = await service.call('/auth/logout', {
        method: 'POST',
        headers: {
          cookie: first.headers
            .getSetCookie()
            .map((text) => text.split(';')[0]!)
            .join('; '),
          'sec-fetch-site': 'same-origin',
        },
      });
      expect(out.headers.getSetCookie().some((text) => text.includes('device'))).toBe(false);
    });

    it('is nothing to another account, and a made-up one to nobody', async () => {
      const [victim, thief] = [await service.account(), await service.account()];
      const { body } = await login(thief.email, newSource());
      await attack(victim.email);
      for (const device_token of [body.device_token, `${body.device_token}x`, 'made.up']) {
        expect((await login(victim.email, newSource(), { device_token })).status).toBe(429);
      }
    });

    it('has ten wrong passwords an hour, and then counts as any other', async () => {
      const { email } = await service.account();
      const { device_token } = (await login(email, newSource())).body;
      await attack(email);
      const wrong = await inTurn(11, () => guess(email, newSource(), other, { device_token }));
      expect(answered(wrong, 'invalid_credentials')).toBe(10);
      expect(wrong.at(-1)!.status).toBe(429);
      expect((await login(email, newSource(), { device_token })).status).toBe(429);
    });

    it.each([
      [
        'the password is changed',
        (token: string) =>
          service.call('/auth/password', { body: { current_password: PASSWORD, new_password: PASSWORD }, token }),
      ],
      ['its owner logs out everywhere', (token: string) => service.call('/auth/logout-all', { method: 'POST', token })],
    ])('is unknown once %s', async (_what, act) => {
      const { email } = await service.account();
      const { access_token, device_token } = (await login(email, newSource())).body;
      expect((await act(access_token)).status).toBeLessThan(300);
      await attack(email);
      expect((await login(email, newSource(), { device_token })).status).toBe(429);
    });
  });

  it('limits how many accounts a source makes, taken addresses included', async () => {
    const source = newSource();
    const register = (email: string) =>
      service.call('/auth/register', { body: { email, password: PASSWORD }, headers: from(source) });
    const email = `${randomUUID()}@shop.example`;
    expect((await register(email)).status).toBe(201);
    expect((await register(email)).body.code).toBe('email_taken');
    expect((await register(`${randomUUID()}@shop.example`)).status).toBe(201);
    expect((await register(`${randomUUID()}@shop.example`)).body.code).toBe('too_many_attempts');
  });

  it('limits wrong tickets by source, and never a right one: nobody can keep its holder from using it', async () => {
    const { id } = await service.account();
    const { ticket } = (await service.app.get(AccountChanges, { strict: false }).issueTicket(id, Date.now()))!;
    const source = newSource();
    const reset = (given: string) =>
      service.call('/auth/password-reset', {
        body: { ticket: given, new_password: 'another horse battery' },
        headers: from(source),
      });
    const wrong = await inTurn(3, () => reset('no such ticket'));
    expect(wrong.map(({ body }) => body.code)).toEqual(['ticket_invalid', 'ticket_invalid', 'too_many_attempts']);
    expect((await reset(ticket)).status).toBe(204);
  });

  it('limits the refreshes of a session once its token is proven to be one of ours', async () => {
    let tokens = await service.login(await service.account());
    for (let n = 0; n < 5; n++) tokens = (await service.refresh(tokens)).body;
    const refused = await service.refresh(tokens);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // The token stays good, at an instance that has not seen the others.
    const elsewhere = await other.call('/auth/refresh', { body: { refresh_token: tokens.refresh_token } });
    expect(elsewhere.status).toBe(200);
  });

  it('tells of an attack once and counts each refusal, so that it fills no log', async () => {
    const { email } = await service.account();
    const source = newSource();
    const counted = async () =>
      readMetrics(await service.app.get(ServiceMetrics, { strict: false }).registry.metrics())
        .filter(({ name, labels }) => name === 'keyturn_login_limited_total' && labels.limit === 'account_source')
        .reduce((sum, { value }) => sum + value, 0);
    const before = await counted();
    events.length = 0;
    await Promise.all(Array.from({ length: 40 }, () => guess(email, source)));
    expect(events.filter(({ type }) => type === 'login.limited')).toEqual([
      expect.objectContaining({ limit: 'account_source', ip: source, accountHash: expect.any(String) }),
    ]);
    expect(events.filter(({ type }) => type === 'login.failed')).toHaveLength(10);
    expect((await counted()) - before).toBe(30);
  });

  it('keeps no address and no account in Redis as it is', async () => {
    const source = newSource();
    await guess('plain@shop.example', source);
    const keys = await redis.client.keys('*limit:*');
    expect(keys.length).toBeGreaterThan(2);
    expect(keys.filter((key) => key.includes(source) || key.includes('plain'))).toEqual([]);
  });
});
