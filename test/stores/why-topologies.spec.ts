import { readWhyConfig } from '../../src/service/config/command.config.js';
import { runWhy } from '../../src/service/why/why-command.js';
import { closeRedisClient, createRedisClient } from '../../src/stores/redis/redis-client.js';
import { redisSettings, type RedisClient } from '../../src/stores/redis/redis-connection-options.js';
import { RedisTokenRepository } from '../../src/stores/redis/redis-token.repository.js';
import { subjectKey } from '../../src/stores/redis/session-hash.js';
import { DAY, login, randomSid } from '../../src/testing/session-samples.js';
import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { startRedis, type RedisServer, type RedisServerOptions } from '../support/redis-server.js';

const PREFIX = 'shop:';
const NODE = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];
const HALF = 8192;
const servers: RedisServer[] = [];
const clients: RedisClient[] = [];
afterEach(async () => {
  clients.splice(0).forEach(closeRedisClient);
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  servers.push(server);
  return server;
}

/** Each place of Redis, and the settings of the service that name it. */
const places: Record<string, () => Promise<Record<string, string>>> = {
  'behind Sentinels': async () => {
    const master = await start();
    const config = [`sentinel monitor keyturn 127.0.0.1 ${master.port} 1`];
    const sentinel = await start({ config, args: ['--sentinel'] });
    return { REDIS_SENTINELS: `127.0.0.1:${sentinel.port}`, REDIS_SENTINEL_NAME: 'keyturn' };
  },
  'on the nodes of a cluster': async () => {
    const nodes = [
      await start({ args: NODE, freePorts: ['--cluster-port'] }),
      await start({ args: NODE, freePorts: ['--cluster-port'] }),
    ];
    const [first, second] = nodes as [RedisServer, RedisServer];
    await second.client.call('CLUSTER', 'SET-CONFIG-EPOCH', '2');
    await first.client.call('CLUSTER', 'ADDSLOTSRANGE', '0', `${HALF - 1}`);
    await second.client.call('CLUSTER', 'ADDSLOTSRANGE', `${HALF}`, '16383');
    await first.client.call('CLUSTER', 'MEET', '127.0.0.1', `${second.port}`, `${second.ports['--cluster-port']}`);
    for (const node of nodes) {
      await eventually(async () => {
        const info = String(await node.client.call('CLUSTER', 'INFO'));
        return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:2');
      });
    }
    return { REDIS_CLUSTER: `127.0.0.1:${first.port}` };
  },
};

/** Users whose keys are on the first and on the second node of the cluster. */
async function oneOfEachNode(): Promise<string[]> {
  const subs = new Map<boolean, string>();
  while (subs.size < 2) {
    const sub = randomUUID();
    const slot = (await servers[0]!.client.call('CLUSTER', 'KEYSLOT', subjectKey(PREFIX, sub))) as number;
    subs.set(slot < HALF, sub);
  }
  return [...subs.values()];
}

it.each(Object.keys(places))('keyturn why finds sessions %s, by the settings of the service', async (place) => {
  const env = { ...(await places[place]!()), REDIS_KEY_PREFIX: PREFIX };
  const { redis } = readWhyConfig(env);
  const settings = redisSettings(redis!);
  const client = await createRedisClient({ ...settings, at: settings.at as never });
  clients.push(client);
  const repository = new RedisTokenRepository(client, { keyPrefix: PREFIX, commandTimeout: 5_000 });
  await eventually(async () => (await repository.time().catch(() => 0)) > 0);

  const why = async (asked: string): Promise<string> => {
    let printed = '';
    await runWhy([asked], { redis, userOf: async () => null, write: (text) => (printed += text) });
    return printed;
  };
  for (const sub of 'REDIS_CLUSTER' in env ? await oneOfEachNode() : [randomUUID()]) {
    const opened = await repository.open(login({ sub, sid: randomSid() }));
    if (opened.outcome !== 'opened') throw new Error(opened.outcome);
    const { sid } = opened.record;
    await repository.end(sub, [sid], 'session_revoked', DAY, { cause: 'logout', ip: '203.0.113.7' });
    for (const asked of [sid, sub]) {
      expect(await why(asked)).toMatch(
        new RegExp(
          `^Session ${sid} has ended\\.[^]*by a request from 203\\.0\\.113\\.7[^]*session_revoked \\(logout\\)`,
        ),
      );
    }
  }
  expect(await why(randomSid())).toMatch(/is unknown\./);
});
