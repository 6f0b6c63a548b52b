import { Logger } from '@nestjs/common';
import { closeRedisClient, createRedisClient } from '../../src/stores/redis/redis-client.js';
import { redisSettings, type RedisTokenRepositoryOptions } from '../../src/stores/redis/redis-connection-options.js';
import type { RedisClient } from '../../src/stores/redis/redis-connection-options.js';
import { RedisTokenRepository } from '../../src/stores/redis/redis-token.repository.js';
import { eventually } from '../support/eventually.js';
import { startRedis, startRedisCluster, type RedisServer } from '../support/redis-server.js';

/** Milliseconds; longer than a command may take, and than a connection may be silent. */
const COMMAND_TIMEOUT = 1_000;
const BLOCKED = COMMAND_TIMEOUT + 1_500;

/**
 * A host that computes, or a machine that gives the process no time, keeps the process from reading what Redis has
 * answered long ago. That is no outage of Redis.
 */
describe('a process that stood still while Redis answered', () => {
  const servers: RedisServer[] = [];
  const clients: RedisClient[] = [];
  beforeEach(() => jest.spyOn(Logger.prototype, 'error').mockImplementation());
  afterEach(async () => {
    clients.splice(0).forEach(closeRedisClient);
    await Promise.all(servers.splice(0).map((server) => server.kill()));
    jest.restoreAllMocks();
  });

  const places: Record<string, () => Promise<RedisTokenRepositoryOptions>> = {
    'one server': async () => {
      servers.push(await startRedis());
      return { url: servers[0]!.url };
    },
    Cluster: async () => {
      const node = await startRedisCluster();
      servers.push(node);
      return { cluster: [`127.0.0.1:${node.port}`] };
    },
  };

  /** When the process stands still: before its command is written, or while the answer is on its way. */
  const moments: Record<string, (stand: () => void) => void> = {
    'before its commands were written': (stand) => stand(),
    'after its commands were written': (stand) => void setImmediate(stand),
  };
  const cases = Object.keys(places).flatMap((place) => Object.keys(moments).map((moment) => [place, moment]));

  it.each(cases)('takes the answers and keeps the connection: %s, %s', async (place, moment) => {
    const settings = redisSettings({ ...(await places[place]!()), commandTimeout: `${COMMAND_TIMEOUT}ms` });
    const client = await createRedisClient({ ...settings, at: settings.at as never });
    clients.push(client);
    const repository = new RedisTokenRepository(client, settings);
    await eventually(async () => (await repository.generationOf('anyone').catch(() => null)) !== null);
    const close = jest.fn();
    client.on('close', close).on('-node', close);

    const asked = Promise.all(['alice', 'bob', 'carol'].map((sub) => repository.generationOf(sub)));
    moments[moment]!(() => block(BLOCKED));

    await expect(asked).resolves.toEqual([0, 0, 0]);
    expect(close).not.toHaveBeenCalled();
  });
});

function block(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}
