import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { closeRedisClient, createBlockingClient, createRedisClient } from '../../src/stores/redis/redis-client.js';
import { redisSettings } from '../../src/stores/redis/redis-connection-options.js';
import { LONGEST_BLOCK, RedisRevocationFeed } from '../../src/stores/redis/redis-revocation-feed.js';
import type { PublishedRevocation, Revocation } from '../../src/revocation/revocation-feed.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

/** What a proxy makes of a read that should wait. */
const PROXIES: Record<string, (request: string) => string> = {
  'answers at once': (request) => request.replace(/\$5\r\nBLOCK\r\n\$\d+\r\n\d+/g, '$5\r\nBLOCK\r\n$1\r\n1'),
  refuses: (request) => request.replace(/\$5\r\nBLOCK\r\n/g, '$5\r\nBLICK\r\n'),
};

describe('a Redis on which reads do not wait', () => {
  let redis: RedisServer;
  const closers: (() => unknown)[] = [];
  let warnings: jest.SpyInstance;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(() => {
    warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  });
  afterEach(() => {
    closers.splice(0).forEach((close) => close());
    jest.restoreAllMocks();
  });

  async function proxyThat(changes: (request: string) => string): Promise<string> {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(redis.port, '127.0.0.1');
      for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
      near.on('data', (chunk) => far.write(changes(chunk.toString('latin1')), 'latin1'));
      far.pipe(near);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    });
    return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const commandsRun = async (): Promise<number> =>
    Number(/total_commands_processed:(\d+)/.exec(await redis.client.info('stats'))![1]);

  /** @returns what it has heard so far */
  async function feedOn(url: string): Promise<readonly PublishedRevocation[]> {
    const settings = redisSettings({ url });
    const client = await createRedisClient({ ...settings, at: settings.at as never });
    const feed = new RedisRevocationFeed(client, await createBlockingClient(settings, LONGEST_BLOCK), settings);
    closers.unshift(
      () => feed.close(),
      () => closeRedisClient(client),
    );
    const heard: PublishedRevocation[] = [];
    await feed.subscribe({
      retention: 60_000,
      maxStaleness: 10_000,
      receive: (entries) => void heard.push(...entries),
      held: () => [],
      lost: async () => undefined,
    });
    return heard;
  }

  const ENTRY: Revocation = { kind: 'session', sub: 'ann', sid: 's1', reason: 'session_revoked' };
  const publish = () => redis.client.xadd('kt:feed', '*', 'e', JSON.stringify({ v: 1, ...ENTRY }));
  const isHeard = (heard: readonly PublishedRevocation[]): boolean =>
    heard.some((one) => one.kind === 'session' && one.sid === 's1');

  it.each(Object.keys(PROXIES))('one that %s is asked some times a second, with a warning, and heard', async (kind) => {
    const heard = await feedOn(await proxyThat(PROXIES[kind]!));
    await eventually(() => warnings.mock.calls.flat().some((line) => /every 100 ms/.test(String(line))));

    const [before, since] = [await commandsRun(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const perSecond = ((await commandsRun()) - before) / ((performance.now() - since) / 1_000);
    expect(perSecond).toBeLessThan(100);
    await publish();
    await eventually(() => isHeard(heard));
    expect(warnings).toHaveBeenCalledTimes(1);
    await redis.client.del('kt:feed');
  });

  it('one that ends a wait, as a master that becomes a replica does, is waited on again', async () => {
    const isWaitedOn = async () => /flags=b[^\n]*cmd=xread/.test(String(await redis.client.client('LIST')));
    await eventually(async () => !(await isWaitedOn()));
    const heard = await feedOn(redis.url);
    await eventually(isWaitedOn);

    await redis.client.replicaof('127.0.0.1', '1');
    await redis.client.replicaof('NO', 'ONE');
    await publish();
    await eventually(() => isHeard(heard));
    await eventually(isWaitedOn);

    expect(warnings.mock.calls.flat().filter((line) => /every 100 ms/.test(String(line)))).toEqual([]);
    await redis.client.del('kt:feed');
  });
});
