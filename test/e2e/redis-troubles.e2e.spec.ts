import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { REDIS_CLIENT } from '../../src/internal.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { readMetrics } from '../support/metrics.js';
import { freePort, startRedis, type RedisServer, type RedisServerOptions } from '../support/redis-server.js';
import { startService, type RunningService } from '../support/service.js';

describe('a Redis that cannot be used', () => {
  let certificates: Certificates;
  let logged: string[];
  const closers: (() => Promise<unknown>)[] = [];
  beforeAll(() => {
    certificates = makeCertificates('DNS:redis.example,IP:127.0.0.1');
  });
  afterAll(() => certificates.remove());
  beforeEach(() => {
    logged = [];
    const keep = (line: unknown): void => void logged.push(String(line));
    jest.spyOn(Logger.prototype, 'error').mockImplementation(keep);
    jest.spyOn(Logger.prototype, 'log').mockImplementation(keep);
  });
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
    jest.restoreAllMocks();
  });

  async function redisAt(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await startRedis(options);
    closers.push(() => server.kill());
    return server;
  }

  async function tlsPort(more: readonly string[] = ['--tls-auth-clients', 'no']): Promise<number> {
    const { ca, cert, key } = certificates;
    const files = ['--tls-ca-cert-file', ca, '--tls-cert-file', cert, '--tls-key-file', key];
    const redis = await redisAt({ args: [...files, ...more], freePorts: ['--tls-port'] });
    return redis.ports['--tls-port']!;
  }

  async function serviceOn(env: Readonly<Record<string, string>>): Promise<RunningService> {
    const service = await startService(env);
    closers.push(() => service.stop());
    return service;
  }

  const faultOf = async (service: RunningService): Promise<string | undefined> =>
    (await service.call('/health/ready')).body.faults.store;

  /** In log, health and metric: the reason, and the address. */
  async function expectTold(service: RunningService, reason: string, sentence: RegExp, address: string): Promise<void> {
    const isTold = (text: string | undefined): boolean => sentence.test(text ?? '') && text!.includes(address);
    await eventually(async () => isTold(await faultOf(service)));
    await eventually(() => logged.some(isTold));
    const samples = readMetrics((await service.call('/metrics')).body as string);
    const told = samples.filter(({ name }) => name === 'keyturn_redis_fault_info').map(({ labels }) => labels);
    expect(told).toContainEqual({ connection: 'store', address, reason });
  }

  it.each([
    ['the authority of its certificate is not known here', 'ca', /REDIS_CA_FILE/, () => ({})],
    ['its certificate is for another name', 'certificate', /another name/, () => ({ REDIS_CA_FILE: certificates.ca })],
  ])('%s', async (_, reason, sentence, env) => {
    const port = await tlsPort();
    const service = await serviceOn({ REDIS_URL: `rediss://localhost:${port}`, ...env() });

    await expectTold(service, reason, sentence, `localhost:${port}`);
  });

  it('it is asked by TLS at a plain port', async () => {
    const { port } = await redisAt();
    const service = await serviceOn({ REDIS_URL: `rediss://127.0.0.1:${port}` });

    await expectTold(service, 'tls', /does not speak TLS/, `127.0.0.1:${port}`);
  });

  it.each(['TLSv1.2', 'TLSv1.3'])(
    'it asks for a client certificate, as it does unless it is told not to: %s',
    async (version) => {
      const port = await tlsPort(['--tls-protocols', version]);
      const env = { REDIS_URL: `rediss://127.0.0.1:${port}`, REDIS_CA_FILE: certificates.ca };
      const service = await serviceOn(env);

      await expectTold(service, 'handshake', /tls-auth-clients no/, `127.0.0.1:${port}`);
    },
  );

  it('it is asked without TLS at a TLS port', async () => {
    const port = await tlsPort();
    const service = await serviceOn({ REDIS_URL: `redis://127.0.0.1:${port}` });

    await expectTold(service, 'hangup', /rediss:\/\//, `127.0.0.1:${port}`);
  });

  it('its name is not known', async () => {
    const service = await serviceOn({ REDIS_URL: 'redis://no-such-host.invalid:6379' });

    await expectTold(service, 'dns', /\(DNS\)/, 'no-such-host.invalid:6379');
  });

  it('it has no database of the number: database 0, which may be of another application, is not taken for it', async () => {
    const few = await redisAt({ args: ['--databases', '1'] });
    const service = await serviceOn({ REDIS_URL: `redis://127.0.0.1:${few.port}/1` });
    const account = { email: 'ada@shop.example', password: 'correct horse battery' };
    const login = async () => (await service.call('/auth/login', { body: account })).status;
    await service.call('/auth/register', { body: account });
    await expectTold(service, 'database', /no database of this number/, `127.0.0.1:${few.port}`);
    expect(await login()).toBe(503);
    expect(logged).not.toContain('Redis is back.');
    await few.kill();

    const many = await redisAt({ port: few.port });
    await eventually(async () => (await login()) === 200);
    expect(await many.client.dbsize()).toBe(0);
  });

  it('tells a new reason as soon as it is another one, and when all is well again', async () => {
    const port = await freePort();
    const service = await serviceOn({ REDIS_URL: `redis://:right@127.0.0.1:${port}` });
    await expectTold(service, 'refused', /Nothing listens/, `127.0.0.1:${port}`);

    const other = await startRedis({ port, password: 'wrong' });
    await expectTold(service, 'WRONGPASS', /refuses the user name or password/, `127.0.0.1:${port}`);
    await other.kill();

    await redisAt({ port, password: 'right' });
    await eventually(async () => (await service.call('/health/ready')).body.status === 'ok');
    expect((await service.call('/health/ready')).body.faults).toEqual({});
    expect(logged).toContain('Redis is back.');
    expect(String((await service.call('/metrics')).body)).not.toMatch(/^keyturn_redis_fault_info\{.*\} 1$/m);
    expect(logged.join()).not.toMatch(/right|:wrong/);
  });

  it('asks for a new process only when no client can be created any more, and takes it back when one can', async () => {
    const { url } = await redisAt();
    const service = await serviceOn({ REDIS_URL: url });
    const client = service.app.get<Redis>(REDIS_CLIENT);
    const { connector } = client as unknown as { connector: { connect(...args: unknown[]): Promise<unknown> } };
    const connect = connector.connect.bind(connector);
    connector.connect = () => Promise.reject(new Error('no client can be created'));
    client.disconnect();
    const live = async (): Promise<number> => (await service.call('/health/live')).status;
    expect(await live()).toBe(200);
    await eventually(async () => (await live()) === 503);

    connector.connect = connect;
    await eventually(async () => (await live()) === 200);
    await eventually(async () => (await service.call('/health/ready')).body.status === 'ok');
  });
});
