import { closeRedisClient, createBlockingClient, createRedisClient } from '../../src/stores/redis/redis-client.js';
import { redisSettings } from '../../src/stores/redis/redis-connection-options.js';
import { LONGEST_BLOCK, RedisRevocationFeed } from '../../src/stores/redis/redis-revocation-feed.js';
import { InProcessRevocationFeed } from '../../src/stores/memory/in-process-revocation-feed.js';
import { revocationFeedContract } from '../../src/testing/index.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

describe('InProcessRevocationFeed', () => {
  let feed: InProcessRevocationFeed;
  beforeEach(() => {
    feed = new InProcessRevocationFeed();
  });

  const contract = revocationFeedContract(() => ({ connect: async () => feed }));
  it.each(contract)('$name', ({ run }) => run());
});

describe('RedisRevocationFeed', () => {
  let redis: RedisServer;
  const closers = new Map<unknown, () => void>();
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  async function connect(): Promise<RedisRevocationFeed> {
    const settings = redisSettings({ url: redis.url });
    const client = await createRedisClient({ ...settings, at: settings.at as never });
    const feed = new RedisRevocationFeed(client, await createBlockingClient(settings, LONGEST_BLOCK), settings);
    closers.set(feed, () => {
      feed.close();
      closeRedisClient(client);
    });
    if (client.status !== 'ready') await new Promise((resolve) => client.once('ready', resolve));
    return feed;
  }

  const disconnect = async (feed: unknown): Promise<void> => closers.get(feed)?.();
  const forget = async (): Promise<void> => void (await redis.client.flushall());
  const contract = revocationFeedContract(() => ({ connect, disconnect, forget }), { canForget: true });
  it.each(contract)('$name', ({ run }) => run());
});
