import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { closeRedisClient, createBlockingClient, createRedisClient } from '../../src/stores/redis/redis-client.js';
import { redisSettings, type RedisTokenRepositoryOptions } from '../../src/stores/redis/redis-connection-options.js';
import type { RedisClient } from '../../src/stores/redis/redis-connection-options.js';
import { RedisTokenRepository } from '../../src/stores/redis/redis-token.repository.js';
import { eventually } from '../support/eventually.js';
import { startRedis, startRedisCluster, type RedisServer, type RedisServerOptions } from '../support/redis-server.js';

const NAME = 'keyturn';

describe('a client of Redis that ended without our own close', () => {
  const servers: RedisServer[] = [];
  const clients: RedisClient[] = [];
  beforeEach(() => jest.spyOn(Logger.prototype, 'error').mockImplementation());
  afterEach(async () => {
    clients.splice(0).forEach(closeRedisClient);
    await Promise.all(servers.splice(0).map((server) => server.kill()));
    jest.restoreAllMocks();
  });

  async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await startRedis(options);
    servers.push(server);
    return server;
  }

  /** Each place of Redis, and how the service is told of it. */
  const places: Record<string, () => Promise<RedisTokenRepositoryOptions>> = {
    'one server': async () => ({ url: (await start()).url }),
    Sentinel: async () => {
      const master = await start();
      const sentinel = await start({
        config: [`sentinel monitor ${NAME} 127.0.0.1 ${master.port} 1`],
        args: ['--sentinel'],
      });
      return { sentinels: [`127.0.0.1:${sentinel.port}`], sentinelName: NAME };
    },
    Cluster: async () => {
      const node = await startRedisCluster();
      servers.push(node);
      return { cluster: [`127.0.0.1:${node.port}`] };
    },
  };

  /** Both connections, as a module opens them. */
  async function connectionsTo(options: RedisTokenRepositoryOptions): Promise<RedisClient[]> {
    const settings = redisSettings(options);
    const both = await Promise.all([
      createRedisClient({ ...settings, at: settings.at as never }),
      createBlockingClient(settings, 1_000),
    ]);
    clients.push(...both);
    return both;
  }

  const answers = (client: RedisClient) => eventually(async () => (await client.time().catch(() => null)) !== null);
  const ended = (client: RedisClient) => new Promise((resolve) => client.once('end', resolve));

  it.each(Object.keys(places))('comes back, be it for commands or for the feed: %s', async (place) => {
    for (const client of await connectionsTo(await places[place]!())) {
      await answers(client);
      const end = ended(client);
      client.disconnect();
      await end;

      await answers(client);
    }
  });

  it('comes back when its Sentinels announce a new master while it asks for the old one', async () => {
    const [client] = (await connectionsTo(await places.Sentinel!())) as [Redis];
    await answers(client);
    // What ioredis does at `+switch-master`, at the moment that is rarely met: the next look-up is under way.
    const { connector } = client as unknown as { connector: { failoverDetector: { disconnect(): void } } };
    client.once('connecting', () => connector.failoverDetector.disconnect());
    const end = ended(client);
    client.disconnect(true);
    await end;

    await answers(client);
  });

  it('stays away after our own close', async () => {
    const [client] = (await connectionsTo(await places['one server']!())) as [Redis];
    await answers(client);
    const connected = jest.fn();
    client.on('connecting', connected);
    const end = ended(client);
    closeRedisClient(client);
    await end;
    await new Promise((resolve) => setTimeout(resolve, 300));

    expect(connected).not.toHaveBeenCalled();
  });

  it.each(['one server', 'Cluster'])(
    'a script cache that is emptied all the time is not noticed: %s',
    async (place) => {
      const patient = { ...(await places[place]!()), commandTimeout: '5s' } as const;
      const [client] = (await connectionsTo(patient)) as [RedisClient];
      const repository = new RedisTokenRepository(client, redisSettings(patient));
      await answers(client);
      const server = servers.at(-1)!;
      const end = new AbortController();
      const flushing = (async () => {
        while (!end.signal.aborted) await server.client.script('FLUSH');
      })();
      const commands = Array.from({ length: 64 }, async (_, index) => {
        for (let i = 0; i < 40; i += 1) await repository.generationOf(`user-${index}-${i}`);
      });
      const outcome = await Promise.allSettled(commands);
      end.abort();
      await flushing;

      expect(outcome.filter(({ status }) => status === 'rejected')).toEqual([]);
    },
  );
});
