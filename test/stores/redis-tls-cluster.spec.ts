import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { closeRedisClient, createBlockingClient, createRedisClient } from '../../src/stores/redis/redis-client.js';
import { redisSettings } from '../../src/stores/redis/redis-connection-options.js';
import { RedisTokenRepository } from '../../src/stores/redis/redis-token.repository.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { login, randomSubject } from '../../src/testing/session-samples.js';

const HOST = 'localhost';
const SHARES = ['0 5460', '5461 10922', '10923 16383'];

/** As managed clusters are: certificates for host names only, and nodes that announce these names. */
describe('a cluster with TLS and certificates for host names', () => {
  let certificates: Certificates;
  const nodes: (RedisServer & { readonly tlsPort: number })[] = [];

  beforeAll(async () => {
    certificates = makeCertificates(`DNS:${HOST}`);
    const { ca, cert, key } = certificates;
    const files = [
      '--tls-ca-cert-file',
      ca,
      '--tls-cert-file',
      cert,
      '--tls-key-file',
      key,
      '--tls-auth-clients',
      'no',
    ];
    const names = ['--cluster-announce-hostname', HOST, '--cluster-preferred-endpoint-type', 'hostname'];
    for (const share of SHARES) {
      const cluster = ['--cluster-enabled', 'yes', '--tls-cluster', 'yes'];
      const freePorts = ['--tls-port', '--cluster-port'];
      const node = await startRedis({ args: [...files, ...cluster, ...names], freePorts });
      const [tlsPort, bus] = freePorts.map((name) => node.ports[name]!) as [number, number];
      await node.client.call('CLUSTER', 'ADDSLOTSRANGE', ...share.split(' '));
      await node.client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(nodes.length + 1));
      if (nodes[0]) await nodes[0].client.call('CLUSTER', 'MEET', '127.0.0.1', String(tlsPort), String(bus));
      nodes.push({ ...node, tlsPort });
    }
    for (const { client } of nodes) {
      await eventually(async () => {
        const [info, slots] = [await client.call('CLUSTER', 'INFO'), await client.call('CLUSTER', 'SLOTS')];
        const hosts = (slots as [number, number, [string, ...unknown[]]][]).map(([, , [host]]) => host);
        return String(info).includes('cluster_state:ok') && hosts.length === 3 && hosts.every((host) => host === HOST);
      });
    }
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.kill()));
    certificates.remove();
  });
  afterEach(() => jest.restoreAllMocks());

  const settingsWith = (ca?: string) => redisSettings({ cluster: [`rediss://${HOST}:${nodes[0]!.tlsPort}`], ca });

  it('is used at every node, for commands and for the feed', async () => {
    const settings = settingsWith(readFileSync(certificates.ca, 'utf8'));
    const clients = [
      await createRedisClient({ ...settings, at: settings.at as never }),
      await createBlockingClient(settings, 1_000),
    ];
    for (const client of clients) {
      const repository = new RedisTokenRepository(client, { keyPrefix: 'kt:', commandTimeout: 2_000 });
      await eventually(async () => (await repository.time().catch(() => 0)) > 0);
      for (let i = 0; i < 12; i += 1) {
        expect(await repository.open(login({ sub: randomSubject() }))).toMatchObject({ outcome: 'opened' });
      }
    }
    clients.forEach(closeRedisClient);
    for (const { client } of nodes) expect(await client.dbsize()).toBeGreaterThan(0);
  });

  it('tells that its authority is not known, though the client library keeps that to itself', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const settings = settingsWith();
    const client = await createRedisClient({ ...settings, at: settings.at as never });

    await eventually(() => errors.mock.calls.flat().some((line) => /REDIS_CA_FILE.*localhost:\d+/.test(String(line))));
    closeRedisClient(client);
  });
});
