import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { OneTimeValues } from '../../src/index.js';
import { NEW_PASSWORD, PASSWORD, startAccounts, type ServiceWithAccounts } from '../support/accounts.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { startService } from '../support/service.js';
import { startRedis, startRedisCluster, type RedisServer } from '../support/redis-server.js';

/** Tests have none of their own accord, so that they may log in often. */
const LOGIN_LIMITS = '{"source":"100/15m"}';

/** All that a service asks of its Redis. */
async function useAll(service: ServiceWithAccounts): Promise<void> {
  expect((await service.call('/health/ready')).body).toMatchObject({ status: 'ok' });
  const account = await service.account(['buyer']);
  const [here, there] = [await service.login(account), await service.login(account)];
  const wrong = { email: account.email, password: `not ${PASSWORD}` };
  expect((await service.call('/auth/login', { body: wrong })).status).toBe(401);
  expect(await service.app.get(OneTimeValues, { strict: false }).use('the jti of an assertion', 1_000)).toBe(true);
  const next = (await service.refresh(here)).body;
  expect((await service.call('/auth/sessions', { token: next.access_token })).body.sessions).toHaveLength(2);
  expect(
    (await service.call(`/auth/sessions/${there.session_id}`, { method: 'DELETE', token: next.access_token })).status,
  ).toBe(204);
  expect(await service.told(there)).toBe('session_revoked');
  expect((await service.call('/auth/logout', { body: { refresh_token: next.refresh_token } })).status).toBe(204);
  expect(await service.toldAtRefresh(next)).toBe('session_revoked');
  const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
  const changed = await service.call('/auth/password', { body, token: (await service.login(account)).access_token });
  expect(changed.status).toBe(200);
  expect((await service.admin(`PATCH /admin/users/${account.id}`, { roles: [] })).status).toBe(200);
  expect(await service.told(changed.body)).toBe('token_expired');
  expect((await service.admin(`PATCH /admin/users/${account.id}`, { disabled: true })).status).toBe(200);
  expect(await service.toldAtRefresh(changed.body)).toBe('session_revoked');
}

describe('a Redis that is asked by TLS', () => {
  let certificates: Certificates;
  let redis: RedisServer;
  let port: number;
  beforeAll(async () => {
    certificates = makeCertificates();
    const { ca, cert, key } = certificates;
    const tls = ['--tls-ca-cert-file', ca, '--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no'];
    redis = await startRedis({ args: tls, freePorts: ['--tls-port'] });
    port = redis.ports['--tls-port']!;
  });
  afterAll(async () => {
    await redis.stop();
    certificates.remove();
  });

  it('is used when REDIS_CA_FILE vouches for it, feed included', async () => {
    const service = await startAccounts({ REDIS_URL: `rediss://127.0.0.1:${port}`, REDIS_CA_FILE: certificates.ca });
    await useAll(service);
    await service.stop();
  });

  it('is not believed without it', async () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const service = await startService({ REDIS_URL: `rediss://127.0.0.1:${port}` });
    expect((await service.call('/health/ready')).body).toMatchObject({ status: 'starting', parts: { store: 'down' } });
    await service.stop();
    jest.restoreAllMocks();
  });
});

describe('a Redis user with no more than it needs', () => {
  const docs = readFileSync('docs/operations.md', 'utf8');
  const [, rules = ''] = /^user keyturn (.*)$/m.exec(docs) ?? [];
  /** What ACL LOG has: each command that was refused, once. */
  const refused = async ({ client }: RedisServer) =>
    ((await client.call('ACL', 'LOG')) as string[][]).map((entry) => entry[entry.indexOf('object') + 1]);
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('as docs/operations.md has it, can do all that the service does, and nothing is refused', async () => {
    expect(rules).toContain('>a-long-password');
    await redis.client.call('ACL', 'SETUSER', 'keyturn', ...rules.split(' '));
    await redis.client.call('ACL', 'LOG', 'RESET');
    await redis.client.config('RESETSTAT');
    const warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const service = await startAccounts({
      REDIS_URL: `redis://keyturn:a-long-password@127.0.0.1:${redis.port}`,
      LOGIN_LIMITS,
    });
    await useAll(service);
    await service.stop();
    expect(await redis.client.call('ACL', 'LOG')).toEqual([]);
    // From 7.2 on Redis knows CLIENT SETINFO, which nobody needs, and would log that this user may not send it.
    expect(await redis.client.info('errorstats')).not.toContain('errorstat_ERR:');
    expect(warnings.mock.calls.flat().join()).not.toMatch(/tells this user neither|counted by each instance alone/);
    jest.restoreAllMocks();
  });

  it('may run each command that a script has, also one that is rare', () => {
    const folder = 'src/stores/redis';
    const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    const commands = [...sources.join().matchAll(/redis\.p?call\('([A-Z]+)'/g)].map(
      ([, name]) => `+${name!.toLowerCase()}`,
    );
    expect(new Set(commands).size).toBeGreaterThan(15);
    expect([...new Set(commands)].filter((word) => !rules.split(' ').includes(word))).toEqual([]);
  });

  it('needs the further words of docs/operations.md in a cluster, and those alone', async () => {
    const [, words = ''] = /In a cluster add `(.+?)`/.exec(docs) ?? [];
    const node = await startRedisCluster();
    await node.client.call('ACL', 'SETUSER', 'keyturn', ...rules.split(' '), ...words.split(' '));
    await node.client.call('ACL', 'LOG', 'RESET');
    const service = await startAccounts({
      REDIS_CLUSTER: `redis://keyturn:a-long-password@127.0.0.1:${node.port}`,
      LOGIN_LIMITS,
    });
    await useAll(service);
    await service.stop();
    // The name of a connection is a courtesy of ioredis.
    expect(await refused(node)).toEqual(['client|setname']);
    await node.stop();
  });

  it('needs a user at the Sentinels as docs/operations.md has it, and +select for a database of its own', async () => {
    const [, line = ''] = /^(user keyturn .*[+]sentinel.*)$/m.exec(docs) ?? [];
    await redis.client.call('ACL', 'SETUSER', 'keyturn', ...rules.split(' '), '+select');
    await redis.client.call('ACL', 'LOG', 'RESET');
    const watched = `sentinel monitor main 127.0.0.1 ${redis.port} 1`;
    const sentinel = await startRedis({ config: [watched, line], args: ['--sentinel'] });
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const service = await startAccounts({
      REDIS_SENTINELS: `redis://keyturn:a-long-password@127.0.0.1:${sentinel.port}/3`,
      REDIS_SENTINEL_NAME: 'main',
      LOGIN_LIMITS,
    });
    await useAll(service);
    await service.stop();
    expect([...(await refused(sentinel)), ...(await refused(redis))]).toEqual([]);
    expect(await redis.client.info('keyspace')).toMatch(/^db3:/m);
    await sentinel.stop();
    jest.restoreAllMocks();
  });

  it.each(['redis.conf', 'aclfile'])('is still there after a restart of Redis when it stands in %s', async (form) => {
    const folder = mkdtempSync(join(tmpdir(), 'keyturn-acl-'));
    const file = join(folder, 'users.acl');
    writeFileSync(file, `user default on nopass ~* &* +@all\nuser keyturn ${rules}\n`);
    const config = form === 'aclfile' ? [`aclfile ${file}`] : [`user keyturn ${rules}`];
    jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const first = await startRedis({ config });
    const service = await startService({ REDIS_URL: `redis://keyturn:a-long-password@127.0.0.1:${first.port}` });
    const status = async () => (await service.call('/health/ready')).body.status as string;
    expect(await status()).toBe('ok');
    await first.kill();
    expect(await status()).toBe('degraded');

    const again = await startRedis({ config, port: first.port });
    await eventually(async () => (await status()) === 'ok');
    await service.stop();
    await again.stop();
    rmSync(folder, { recursive: true });
    jest.restoreAllMocks();
  });

  it('is gone after a restart when it was made by ACL SETUSER alone, and the reason is told', async () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const first = await startRedis();
    await first.client.call('ACL', 'SETUSER', 'keyturn', ...rules.split(' '));
    const service = await startService({ REDIS_URL: `redis://keyturn:a-long-password@127.0.0.1:${first.port}` });
    await first.kill();

    const again = await startRedis({ port: first.port });
    const fault = async () => String((await service.call('/health/ready')).body.faults.store);
    await eventually(async () => (await fault()).includes('WRONGPASS'));
    await service.stop();
    await again.stop();
    jest.restoreAllMocks();
  });
});
