import { Logger } from '@nestjs/common';
import { Cluster } from 'ioredis';
import { closeRedisClient, createRedisClient, hostClient } from '../../src/stores/redis/redis-client.js';
import type { RedisClient } from '../../src/stores/redis/redis-connection-options.js';
import { RedisTokenRepository } from '../../src/stores/redis/redis-token.repository.js';
import { subjectKey } from '../../src/stores/redis/session-hash.js';
import type { RedisServer } from '../support/redis-server.js';
import { startRedis } from '../support/redis-server.js';
import { DAY, login, randomSid, randomSubject, rotationOf } from '../../src/testing/session-samples.js';

describe('RedisTokenRepository on a cluster', () => {
  let source: RedisServer;
  let target: RedisServer;
  let targetId: string;
  let client: RedisClient;
  let theirs: Cluster;
  let repository: RedisTokenRepository;

  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + 15_000; !(await condition().catch(() => false));) {
      if (Date.now() > end) throw new Error('the cluster did not come together');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  beforeAll(async () => {
    const node = () => startRedis({ args: ['--cluster-enabled', 'yes'], freePorts: ['--cluster-port'] });
    [source, target] = await Promise.all([node(), node()]);
    const address = ['127.0.0.1', target.port, target.ports['--cluster-port']].map(String);
    await target.client.call('CLUSTER', 'SET-CONFIG-EPOCH', '2');
    await source.client.call('CLUSTER', 'MEET', ...address);
    await source.client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    for (const server of [source, target]) {
      await until(async () => {
        const info = String(await server.client.call('CLUSTER', 'INFO'));
        return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:2');
      });
    }
    const servers = [{ host: '127.0.0.1', port: source.port, db: 0, tls: false }];
    client = await createRedisClient({ at: { kind: 'cluster', servers }, commandTimeout: 1_000 });
    theirs = new Cluster(servers);
    theirs.on('error', () => undefined);
    targetId = String(await target.client.call('CLUSTER', 'MYID'));
    repository = new RedisTokenRepository(client, { keyPrefix: 'kt:', commandTimeout: 1_000 });
    await until(async () => (await repository.time()) > 0);
  });
  afterAll(async () => {
    closeRedisClient(client);
    theirs.disconnect();
    await Promise.all([source.stop(), target.stop()]);
  });

  /** Every method once, on a session that is there and one that is new. */
  async function wholeLife(sub: string): Promise<void> {
    const opened = await repository.open(login({ sub }));
    if (opened.outcome !== 'opened') throw new Error(opened.outcome);
    const { record } = await repository.advance(rotationOf(opened.record));
    expect((await repository.find(sub, record!.sid)).record).toEqual(record);
    expect((await repository.list(sub)).sessions).toContainEqual(record);
    expect(await repository.end(sub, [record!.sid, randomSid()], 'session_revoked', DAY)).toEqual([record!.sid]);
    expect((await repository.find(sub, record!.sid)).ended).toBe('session_revoked');
    const generation = (await repository.generationOf(sub)) + 1;
    expect(await repository.raiseGeneration(sub, generation, DAY)).toBe(generation);
    expect(await repository.endBelow(sub, generation, 'session_revoked', DAY)).toEqual([]);
  }

  it('finds the node of each subject', async () => {
    for (let i = 0; i < 20; i += 1) await wholeLife(randomSubject());
  });

  it('serves a subject before, while and after its slot moves to another node, without one error', async () => {
    const sub = randomSubject();
    await wholeLife(sub);
    const key = subjectKey('kt:', sub);
    const slot = String(await source.client.call('CLUSTER', 'KEYSLOT', key));
    const [from, to] = [String(await source.client.call('CLUSTER', 'MYID')), targetId];

    await target.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from);
    await source.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to);
    await wholeLife(sub);
    await source.client.call('MIGRATE', '127.0.0.1', String(target.port), key, '0', '1000');
    await wholeLife(sub);
    for (const server of [target, source]) await server.client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to);
    await wholeLife(sub);

    expect(await target.client.call('CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(1);
    expect((client as Cluster).nodes('master')).toHaveLength(2);
  });

  it.each(['our own client', "a client of the host's"])(
    'tells the caller, and does not end the process, when the node to which a slot moves has died: %s',
    async (whose) => {
      jest.spyOn(Logger.prototype, 'error').mockImplementation();
      const asked = whose === 'our own client' ? client : hostClient(theirs);
      const store = new RedisTokenRepository(asked, { keyPrefix: 'kt:', commandTimeout: 1_000 });
      await until(async () => (await store.time()) > 0);
      const key = subjectKey('kt:', 'of-a-slot-that-moves');
      const slot = String(await source.client.call('CLUSTER', 'KEYSLOT', key));
      await source.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId);
      await target.kill();

      // An error that nobody takes fails the test by itself.
      await expect(store.find('of-a-slot-that-moves', randomSid())).rejects.toMatchObject({
        code: 'store_unavailable',
      });
      jest.restoreAllMocks();
    },
  );
});
