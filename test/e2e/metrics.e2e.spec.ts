import { ServiceMetrics } from '../../src/service/metrics/service-metrics.js';
import { PASSWORD, startAccounts, type ServiceWithAccounts } from '../support/accounts.js';
import { readMetrics, type Sample } from '../support/metrics.js';
import { freePort, startRedis } from '../support/redis-server.js';
import { call, startService } from '../support/service.js';

const garbage = [
  'x',
  'a.b.c',
  'eyJhbGciOiJub25lIn0.e30.',
  'ключ',
  '{"a":1}',
  '*',
  'x'.repeat(9_000),
  "';--",
  '%00',
  '"',
];

describe('the metrics', () => {
  let service: ServiceWithAccounts;
  beforeAll(async () => {
    service = await startAccounts();
  });
  afterAll(() => service.stop());

  const samples = async () => readMetrics((await service.call('/metrics')).body as string);
  const valueOf = async (name: string, labels: Record<string, string> = {}): Promise<number> => {
    const fits = (sample: Sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
    return (await samples()).filter(fits).reduce((sum, { value }) => sum + value, 0);
  };
  /** By how much a sample rises while something is done. */
  const rise = async (work: () => Promise<unknown>, name: string, labels?: Record<string, string>): Promise<number> => {
    const before = await valueOf(name, labels);
    await work();
    return (await valueOf(name, labels)) - before;
  };

  it('are text that Prometheus reads, with those of the process beside ours, and are not kept by caches', async () => {
    const answer = await service.call('/metrics');
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const names = new Set((await samples()).map(({ name }) => name));
    expect(names).toContain('process_resident_memory_bytes');
    expect(names).toContain('nodejs_eventloop_lag_seconds');
  });

  it('count a login by how it ended', async () => {
    const account = await service.account();
    const wrong = () => service.call('/auth/login', { body: { email: account.email, password: 'not the password' } });
    expect(await rise(() => service.login(account), 'keyturn_login_total', { outcome: 'opened' })).toBe(1);
    expect(await rise(wrong, 'keyturn_login_total', { outcome: 'invalid_credentials' })).toBe(1);
  });

  it('count and time a refresh, and tell a successor from a replay and from a refusal', async () => {
    const tokens = await service.login(await service.account());
    const refresh = () => service.refresh(tokens);
    expect(await rise(refresh, 'keyturn_refresh_total', { outcome: 'refreshed' })).toBe(1);
    expect(await rise(refresh, 'keyturn_refresh_total', { outcome: 'replayed' })).toBe(1);
    expect(await rise(refresh, 'keyturn_refresh_seconds_count')).toBe(1);
    const bad = () => service.call('/auth/refresh', { body: { refresh_token: 'x' } });
    expect(await rise(bad, 'keyturn_refresh_total', { outcome: 'token_invalid' })).toBe(1);
    expect(await rise(bad, 'keyturn_refresh_seconds_count')).toBe(0);
  });

  it('time each call to the store by its name', async () => {
    const account = await service.account();
    expect(await rise(() => service.login(account), 'keyturn_store_seconds_count', { op: 'open' })).toBe(1);
  });

  it('count what the guard turns away, and nothing for what it lets in', async () => {
    const { access_token: token } = await service.login(await service.account());
    const ask = (bearer: string) => () => service.call('/auth/me', { token: bearer });
    expect(await rise(ask('x'), 'keyturn_guard_refused_total', { code: 'token_invalid' })).toBe(1);
    expect(await rise(ask(token), 'keyturn_guard_refused_total')).toBe(0);
  });

  it('count the ends of sessions by their reason', async () => {
    const { refresh_token } = await service.login(await service.account());
    const logout = () => service.call('/auth/logout', { body: { refresh_token } });
    expect(await rise(logout, 'keyturn_sessions_ended_total', { reason: 'session_revoked' })).toBe(1);
  });

  it('tell how things stand: keys, clock, feed and the line of passwords', async () => {
    expect(await valueOf('keyturn_key_info', { state: 'signing' })).toBe(2);
    for (const name of ['keyturn_clock_offset_seconds', 'keyturn_feed_staleness_seconds', 'keyturn_hash_queue']) {
      expect({ name, value: await valueOf(name) }).toEqual({ name, value: 0 });
    }
  });

  it('never name what came with a request, whatever it is', async () => {
    const mark = 'hostile-mark';
    const { access_token, refresh_token } = await service.login(await service.account());
    for (const text of garbage) {
      const value = `${mark}${text}`;
      const header = encodeURIComponent(value).slice(0, 4_000);
      await service.call('/auth/login', { body: { email: value, password: value, client_id: value.slice(0, 64) } });
      await service.call('/auth/refresh', { body: { refresh_token: value }, headers: { 'idempotency-key': header } });
      await service.call('/auth/refresh', { body: { refresh_token, [value]: value } });
      await service.call('/auth/me', { token: header, headers: { 'x-request-id': header, 'user-agent': header } });
      await service.call(`/${header}`, { token: access_token });
      await service.call(`/auth/sessions/${header}`, { method: 'DELETE', token: access_token });
      await service.call('/auth/register', { body: { email: `${mark}@x.example`, password: PASSWORD, [value]: 1 } });
    }
    const ours = (await samples()).filter(({ name }) => name.startsWith('keyturn_'));
    // Key ids and the address of Redis are the operator's.
    const own = new Set(['kid', 'address']);
    const labels = ours.flatMap((sample) => Object.entries(sample.labels)).filter(([label]) => !own.has(label));
    const words = new Set(labels.map(([, value]) => value));
    expect([...words].filter((word) => !/^([a-z_-]{3,40}|[\d.e-]+|\+Inf)$/.test(word))).toEqual([]);
    expect(JSON.stringify(ours)).not.toContain(mark);
    // Each of our words at most once for each of our metrics, however many requests came.
    expect(ours.length).toBeLessThan(250);
  });

  it('are for this machine only, not for whom a proxy on it asks', async () => {
    for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
      const answer = await service.call('/metrics', { headers: { [header]: '127.0.0.1' } });
      expect({ header, status: answer.status, code: answer.body.code }).toEqual({
        header,
        status: 404,
        code: 'not_found',
      });
    }
  });

  it('are those of one service: another one in the same process has its own', async () => {
    const other = await startService();
    expect(other.app.get(ServiceMetrics).registry).not.toBe(service.app.get(ServiceMetrics).registry);
    await other.stop();
  });
});

describe('METRICS_PORT', () => {
  it('has the metrics, and nothing else; PORT has them no more', async () => {
    const port = await freePort();
    const service = await startService({ METRICS_PORT: String(port) });
    const at = (path: string) => call(`http://127.0.0.1:${port}${path}`);
    expect(readMetrics((await at('/metrics')).body as string).length).toBeGreaterThan(50);
    expect((await at('/health/live')).status).toBe(404);
    expect((await service.call('/metrics')).status).toBe(404);
    await service.stop();
    await expect(at('/metrics')).rejects.toThrow();
  });
});

it('a store that goes away is seen as errors by their kind, and as knowledge that gets old', async () => {
  const redis = await startRedis();
  const service = await startAccounts({ REDIS_URL: redis.url, REVOCATION_MAX_STALENESS: '1s' });
  const tokens = await service.login(await service.account());
  await redis.kill();
  expect((await service.refresh(tokens)).status).toBe(503);
  const samples = readMetrics((await service.call('/metrics')).body as string);
  const value = (name: string, label: string) =>
    samples.find((sample) => sample.name === name && Object.values(sample.labels).includes(label))?.value;
  const kinds = ['connection', 'refused'].map((kind) => value('keyturn_store_errors_total', kind) ?? 0);
  expect(Math.max(...kinds)).toBeGreaterThan(0);
  expect(value('keyturn_refresh_total', 'store_unavailable')).toBe(1);
  expect(samples.find(({ name }) => name === 'keyturn_feed_staleness_seconds')!.value).toBeGreaterThan(0);
  await service.stop();
  await redis.stop();
});
