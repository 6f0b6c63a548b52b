import { Logger, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import {
  AuthModule,
  type Duration,
  RedisRevocationFeedModule,
  RedisTokenRepositoryModule,
  ResourceServerModule,
  TokenRepository,
} from '../../src/index.js';
import { REDIS_CLIENT } from '../../src/internal.js';
import { login } from '../../src/testing/session-samples.js';
import { ISSUER, keys } from '../support/auth-library.js';
import { freePort, startRedis, startRedisCluster, type RedisServer } from '../support/redis-server.js';

const throwing = { provide: 'mistake', useFactory: () => Promise.reject(new Error('a mistake of the host')) };

describe('Redis, before the application is initialized', () => {
  let server: RedisServer;
  const modules: TestingModule[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  beforeEach(() => jest.spyOn(Logger.prototype, 'error').mockImplementation());
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(modules.splice(0).map((module) => module.close()));
  });
  afterAll(() => server.stop());

  /** Redis takes connections in their order: when it has answered a new one, all that were begun before are counted. */
  async function connectionsSoFar(): Promise<number> {
    const latest = new Redis(server.url);
    const [, total] = /total_connections_received:(\d+)/.exec(await latest.info('stats'))!;
    latest.disconnect();
    return Number(total);
  }

  async function storeAt(url: string, commandTimeout: Duration = '500ms'): Promise<TokenRepository> {
    const imports = [RedisTokenRepositoryModule.forRoot({ url, commandTimeout })];
    modules.push(await Test.createTestingModule({ imports }).compile());
    return modules.at(-1)!.get(TokenRepository);
  }

  it.each<[string, (url: string) => DynamicModule, RegExp]>([
    [
      'a wrong option of AuthModule',
      (url) => AuthModule.forRoot({ issuer: 'nowhere', keys, store: RedisTokenRepositoryModule.forRoot({ url }) }),
      /^issuer/,
    ],
    [
      'a wrong option of ResourceServerModule',
      (url) =>
        ResourceServerModule.forRoot({
          issuer: 'nowhere',
          jwksUri: `${ISSUER}/jwks`,
          feed: RedisRevocationFeedModule.forRoot({ url }),
        }),
      /^issuer/,
    ],
    [
      "a provider of the host's that throws",
      (url) => ({
        module: class HostModule {},
        imports: [AuthModule.forRoot({ issuer: ISSUER, keys, store: RedisTokenRepositoryModule.forRoot({ url }) })],
        providers: [throwing],
      }),
      /a mistake of the host/,
    ],
  ])('%s leaves no connection behind, which would keep the process from ending', async (_, moduleAt, told) => {
    @Module({ imports: [moduleAt(server.url)] })
    class AppModule {}
    const before = await connectionsSoFar();

    await expect(NestFactory.create(AppModule, { abortOnError: false, logger: false })).rejects.toThrow(told);

    expect((await connectionsSoFar()) - before).toBe(1);
  });

  it('the first calls are answered, because a test of a host may call them without init()', async () => {
    const store = await storeAt(server.url);

    const answers = await Promise.all([store.time(), store.generationOf('user-7'), store.generationOf('user-8')]);

    expect(answers).toEqual([expect.any(Number), 0, 0]);
  });

  it('so are the first calls to a cluster', async () => {
    const cluster = await startRedisCluster();
    const imports = [RedisTokenRepositoryModule.forRoot({ cluster: [cluster.url] })];
    modules.push(await Test.createTestingModule({ imports }).compile());
    const store = modules.at(-1)!.get(TokenRepository);

    expect(await Promise.all([store.generationOf('user-7'), store.generationOf('user-8')])).toEqual([0, 0]);
    await cluster.stop();
  });

  it('the first call to a Redis that is away is told so at once, and why', async () => {
    const store = await storeAt(`redis://127.0.0.1:${await freePort()}`, '5s');
    const started = performance.now();

    await expect(store.time()).rejects.toMatchObject({ code: 'store_unavailable', kind: 'refused' });

    expect(performance.now() - started).toBeLessThan(4_000);
  });

  it('a first call that was given up is not made later, when Redis answers again', async () => {
    const own = await startRedis();
    const store = await storeAt(own.url, '50ms');
    own.pause();
    await expect(store.open(login())).rejects.toMatchObject({ code: 'store_unavailable' });
    own.resume();

    const client = modules.at(-1)!.get<Redis>(REDIS_CLIENT);
    if (client.status !== 'ready') await new Promise((resolve) => client.once('ready', resolve));
    await store.time();

    expect(await own.client.keys('kt:*')).toEqual([]);
    await own.stop();
  });
});
