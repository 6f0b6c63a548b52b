import { trace } from '@opentelemetry/api';
import { auditHash, RedisTokenRepositoryModule, SessionService } from '../../src/index.js';
import { PASSWORD, startAccounts, type Account, type ServiceWithAccounts, type Tokens } from '../support/accounts.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startShop } from '../support/shop-host.js';
import { startSdk, type SeenSpan } from '../support/spans.js';

/** The table of docs/operations.md, "Traces". */
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;
const [INTERNAL, CLIENT, PRODUCER, CONSUMER] = [0, 2, 3, 4];

let redis: RedisServer;
let service: ServiceWithAccounts;
let sdk: ReturnType<typeof startSdk>;
let account: Account;
let tokens: Tokens;
beforeAll(async () => {
  redis = await startRedis();
  service = await startAccounts({ REDIS_URL: redis.url });
  // After the service has started, as a host may do it.
  sdk = startSdk();
  account = await service.account();
  tokens = await service.login(account);
});
beforeEach(() => sdk.take());
afterAll(async () => {
  sdk.stop();
  await service.stop();
  await redis.stop();
});

const headers = { traceparent: TRACEPARENT };
/** The feed is read beside the requests, in traces of its own. */
const take = (): SeenSpan[] => sdk.take().filter(({ kind }) => kind !== CONSUMER);
const one = (spans: readonly SeenSpan[], name: string): SeenSpan => {
  const found = spans.filter((span) => span.name === name);
  expect([name, found.length]).toEqual([name, 1]);
  return found[0]!;
};
const refresh = async (given: Tokens, more: Readonly<Record<string, string>> = {}) => {
  const body = { refresh_token: given.refresh_token };
  return service.call('/auth/refresh', { body, headers: { ...headers, ...more } });
};

it('shows a refresh from end to end in the trace of who asks: the guard, the refresh, the step in the store', async () => {
  const seen = await service.call('/auth/me', { token: tokens.access_token, headers });
  const refreshed = await refresh(tokens);
  expect([seen.status, refreshed.status]).toEqual([200, 200]);
  const spans = take();
  const session = {
    'session.id': tokens.session_id,
    'user.hash': auditHash(account.id),
    'keyturn.client_id': 'default',
  };
  const guard = one(spans, 'keyturn.verify');
  expect(guard).toMatchObject({ traceId: TRACE, parentId: CALLER, kind: INTERNAL, status: 0, attributes: session });
  const rotation = one(spans, 'keyturn.refresh');
  expect(rotation).toMatchObject({ traceId: TRACE, parentId: CALLER, kind: INTERNAL, status: 0 });
  expect(rotation.attributes).toEqual({ ...session, 'keyturn.rotation': 'advance' });
  const step = one(spans, 'EVALSHA advance');
  expect(step).toMatchObject({ traceId: TRACE, parentId: rotation.spanId, kind: CLIENT, status: 0 });
  expect(step.attributes).toEqual({
    'db.system.name': 'redis',
    'db.operation.name': 'EVALSHA',
    'db.stored_procedure.name': 'advance',
  });
  expect(spans).toHaveLength(3);
  tokens = refreshed.body as Tokens;
});

it('makes no span for a token that was seen before, whoever asks', async () => {
  await service.call('/auth/me', { token: tokens.access_token });
  take();
  for (let calls = 0; calls < 3; calls += 1) {
    await service.call('/auth/me', { token: tokens.access_token, headers });
  }
  expect(take()).toEqual([]);
});

it('is a part of the span that is active, as an HTTP instrumentation makes it, and not of the header', async () => {
  const app = await startShop('fastify', { store: RedisTokenRepositoryModule.forRoot({ url: redis.url }) });
  const sessions = app.app.get(SessionService, { strict: false });
  sdk.take();
  const outer = await trace.getTracer('host').startActiveSpan('POST /login', async (span) => {
    await sessions.open({ sub: 'ann@shop.example', traceparent: TRACEPARENT });
    span.end();
    return span.spanContext();
  });
  const spans = take();
  const opened = one(spans, 'keyturn.session.open');
  expect(opened).toMatchObject({ traceId: outer.traceId, parentId: outer.spanId });
  expect(one(spans, 'EVALSHA open').parentId).toBe(opened.spanId);
  // An address may be a subject in a host.
  expect(opened.attributes['user.hash']).toBe(auditHash('ann@shop.example'));
  expect(JSON.stringify(spans)).not.toContain('ann@');
  await app.close();
});

it('shows a login with its password check, and what ends a session in the feed', async () => {
  const body = { email: account.email, password: PASSWORD };
  const { body: opened } = await service.call('/auth/login', { body, headers });
  const login = take();
  const door = one(login, 'keyturn.login');
  expect(door).toMatchObject({ traceId: TRACE, parentId: CALLER, status: 0 });
  expect(one(login, 'keyturn.session.open').parentId).toBe(door.spanId);

  await service.call('/auth/logout', { method: 'POST', token: opened.access_token as string, headers });
  const sent = one(take(), 'send kt:feed');
  expect(sent).toMatchObject({ kind: PRODUCER, status: 0 });
  expect(sent.attributes).toEqual({
    'messaging.system': 'redis',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'kt:feed',
    'messaging.batch.message_count': 1,
  });

  // The feed is read on another connection, a moment later.
  const other = await service.login(account);
  const read: SeenSpan[] = [];
  await service.call('/auth/logout', { method: 'POST', token: other.access_token });
  await eventually(() => {
    read.push(...sdk.take().filter(({ name }) => name === 'process kt:feed'));
    return read.length > 0;
  });
  expect(read[0]).toMatchObject({ kind: CONSUMER, parentId: undefined, status: 0 });
});

it.each([
  [
    'a refresh token that is none',
    () => refresh({ ...tokens, refresh_token: 'x' }),
    'keyturn.refresh',
    'token_invalid',
  ],
  [
    'an access token that is none',
    () => service.call('/auth/me', { token: 'x.y.z', headers }),
    'keyturn.verify',
    'token_invalid',
  ],
  [
    'a wrong password',
    () => service.call('/auth/login', { body: { email: account.email, password: 'wrong horse' }, headers }),
    'keyturn.login',
    'invalid_credentials',
  ],
])('tells of %s by its code: a refusal is an answer and no error', async (_, ask, name, code) => {
  await ask();
  const span = one(take(), name);
  expect(span).toMatchObject({ status: 0, events: 0, attributes: { 'keyturn.refusal': code } });
});

it('says of a refresh what became of it: here the successor once more', async () => {
  const first = await service.login(account);
  await refresh(first);
  take();
  await refresh(first);
  expect(one(take(), 'keyturn.refresh').attributes['keyturn.rotation']).toBe('replay');
});

it('marks what failed for a fault as an error, up to the refresh', async () => {
  const given = await service.login(account);
  await redis.client.config('SET', 'maxmemory', '1');
  await service.refresh(given);
  take();
  const failed = await refresh(given);
  await redis.client.config('SET', 'maxmemory', '0');
  const spans = take();
  expect(failed.status).toBe(503);
  for (const name of ['keyturn.refresh', 'EVALSHA advance']) {
    expect(one(spans, name)).toMatchObject({ status: 2, attributes: { 'error.type': 'store_unavailable' } });
  }
});

it('has nothing of a token, a password or an address in any span', async () => {
  const other = await service.account();
  const opened = await service.login(other);
  const key = 'a-key-of-the-client-0123456789';
  const successor = (await refresh(opened, { 'idempotency-key': key })).body as Tokens;
  await service.call('/auth/me', { token: successor.access_token, headers });
  await service.call('/auth/logout-all', { method: 'POST', token: successor.access_token });
  const spans = JSON.stringify(sdk.take());
  expect(spans).toContain('keyturn.login');
  const secrets = [opened, successor].flatMap((given) => [given.access_token, given.refresh_token]);
  for (const secret of [...secrets, other.email, other.id, PASSWORD, key]) expect(spans).not.toContain(secret);
});
