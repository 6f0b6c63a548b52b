import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { NEW_PASSWORD, PASSWORD, startAccounts, type ServiceWithAccounts } from '../support/accounts.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { startService } from '../support/service.js';
import { freePort, startRedis, type RedisServer } from '../support/redis-server.js';

jest.setTimeout(120_000);

/** All that a service asks of its Redis. */
async function useAll(service: ServiceWithAccounts): Promise<void> {
  expect((await service.call('/health/ready')).body).toMatchObject({ status: 'ok' });
  const account = await service.account(['buyer']);
  const [here, there] = [await service.login(account), await service.login(account)];
  const next = (await service.refresh(here)).body;
  expect((await service.call('/auth/sessions', { token: next.access_token })).body.sessions).toHaveLength(2);
  expect((await service.call(`/auth/sessions/${there.session_id}`, { method: 'DELETE', token: next.access_token })).status).toBe(204); // prettier-ignore
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
    port = await freePort();
    const { ca, cert, key } = certificates;
    const tls = ['--tls-ca-cert-file', ca, '--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no'];
    redis = await startRedis({ args: ['--tls-port', String(port), ...tls] });
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
  const [, rules = ''] = /ACL SETUSER keyturn ([^`]*?)\n/.exec(docs) ?? [];
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('as docs/operations.md has it, can do all that the service does, and nothing is refused', async () => {
    expect(rules).toContain('>a-long-password');
    await redis.client.call('ACL', 'SETUSER', 'keyturn', ...rules.split(' '));
    await redis.client.call('ACL', 'LOG', 'RESET');
    const warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const service = await startAccounts({ REDIS_URL: `redis://keyturn:a-long-password@127.0.0.1:${redis.port}` });
    await useAll(service);
    await service.stop();
    expect(await redis.client.call('ACL', 'LOG')).toEqual([]);
    expect(warnings.mock.calls.flat().join()).not.toMatch(/tells this user neither/);
    jest.restoreAllMocks();
  });
});
