import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { eventually } from '../../../test/support/eventually.js';
import { closeRedisClient, connectRedisClient, createBlockingClient } from './redis-client.js';
import { redisSettings } from './redis-connection-options.js';
import { RedisWatch, watchOf } from './redis-watch.js';

/** A way to a server that cannot even be begun, as when a certificate file is unreadable. */
class NoWay {
  connect = () => Promise.reject(new Error('no way'));
  disconnect = () => undefined;
  check = () => true;
}

const ended = (client: Redis) => new Promise((resolve) => client.once('end', resolve));

describe('a watch over a client of Redis', () => {
  beforeEach(() => jest.spyOn(Logger.prototype, 'error').mockImplementation());
  afterEach(() => jest.restoreAllMocks());

  it('counts a client as lost when it has ended and five more could not be created, and goes on trying', async () => {
    const client = new Redis({ Connector: NoWay as never });
    const watch = new RedisWatch(client, { where: 'redis:6379' });
    for (let end = 1; end <= 5; end += 1) {
      await ended(client);
      expect(watch.isLost).toBe(false);
    }
    await ended(client);
    expect(watch.isLost).toBe(true);
    await ended(client);
    watch.close();
  });

  it('does not count a client as lost whose server is away, because a new process would not find it either', async () => {
    const client = new Redis({ host: '127.0.0.1', port: 1, retryStrategy: null, maxRetriesPerRequest: 0 });
    const watch = new RedisWatch(client, { where: '127.0.0.1:1' });
    for (let end = 1; end <= 7; end += 1) {
      await ended(client);
      expect(watch.isLost).toBe(false);
    }
    expect(watch.trouble).toMatchObject({ kind: 'refused', address: '127.0.0.1:1' });
    watch.close();
  });

  it('names the socket of a client that the host has connected by a path, not the host that ioredis adds', async () => {
    const client = new Redis({ path: '/is/not/there.sock', lazyConnect: true });
    const reader = await createBlockingClient(redisSettings({ client }), 1_000);
    void connectRedisClient(reader);
    await eventually(() => watchOf(reader)?.trouble != null);
    expect(watchOf(reader)!.trouble!.fault).toContain('(/is/not/there.sock, ENOENT)');
    closeRedisClient(reader);
  });

  it('is found by its client, and a client of the host has none', () => {
    const own = new Redis({ lazyConnect: true });
    const watch = new RedisWatch(own, { where: 'redis:6379' });

    expect(watchOf(own)).toBe(watch);
    expect(watchOf(new Redis({ lazyConnect: true }))).toBeUndefined();
    expect(watchOf(null)).toBeUndefined();
    watch.close();
  });
});
