import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import type { RedisTokenRepositoryOptions } from '../../src/stores/redis/redis-connection-options.js';
import { RedisTokenRepositoryModule } from '../../src/stores/redis/redis-token-repository.module.js';
import { TokenRepository } from '../../src/sessions/token.repository.js';
import type { RedisServer, RedisServerOptions } from '../support/redis-server.js';
import { freePort, startRedis } from '../support/redis-server.js';
import { settlesWithin } from '../support/settles-within.js';
import { toolPath } from '../../scripts/system-tools.mjs';

const NOTHING_ON_DISK = expect.stringContaining('keeps nothing on disk');
const EVICTING = expect.stringContaining('maxmemory-policy is allkeys-lru');
const UNSAFE_SPLIT = expect.stringContaining('min-replicas-to-write is 0');
const ON_DISK = ['--appendonly', 'yes'];
const EVICTS = ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'];
/** A replica is shown only when its master's first ping has reached it. */
const QUICK_CLUSTER = [
  '--cluster-enabled',
  'yes',
  '--repl-diskless-sync-delay',
  '0',
  '--repl-ping-replica-period',
  '1',
];

describe('dangerous settings of Redis are told at the start', () => {
  const endings: (() => Promise<unknown>)[] = [];
  const modules: TestingModule[] = [];
  let warnings: string[];

  beforeEach(() => {
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((message: string) => void warnings.push(message));
    jest.spyOn(Logger.prototype, 'error').mockImplementation();
    jest.spyOn(Logger.prototype, 'log').mockImplementation();
  });
  afterEach(async () => {
    await Promise.all(modules.splice(0).map((module) => module.close()));
    await Promise.all(endings.splice(0).map((end) => end()));
    jest.restoreAllMocks();
  });

  async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await startRedis(options);
    endings.push(() => server.kill());
    return server;
  }

  async function storeOn(options: RedisTokenRepositoryOptions): Promise<TestingModule> {
    const module = await Test.createTestingModule({ imports: [RedisTokenRepositoryModule.forRoot(options)] }).compile();
    modules.push(module);
    return module.init();
  }

  async function until(condition: () => unknown): Promise<void> {
    for (const end = Date.now() + 10_000; !(await condition()); await new Promise((wake) => setTimeout(wake, 10))) {
      if (Date.now() > end) throw new Error('it did not come to this');
    }
  }

  async function expectWarnings(...expected: unknown[]): Promise<void> {
    await until(() => warnings.length >= expected.length);
    expect(warnings).toHaveLength(expected.length);
    expect(warnings).toEqual(expect.arrayContaining(expected));
  }

  it('each that a server has, and nothing else', async () => {
    const { url } = await start({ args: [...EVICTS, ...ON_DISK, '--appendfsync', 'no'] });

    await storeOn({ url });

    await expectWarnings(EVICTING, expect.stringContaining('appendfsync is no'));
  });

  it('when Redis appears after the start, and not again when it comes back', async () => {
    const port = await freePort();
    const module = await storeOn({ url: `redis://127.0.0.1:${port}` });
    expect(warnings).toEqual([]);

    const server = await start({ port, args: ON_DISK.concat(EVICTS) });
    await expectWarnings(EVICTING);

    await server.kill();
    await start({ port });
    const isBack = async () =>
      (await module
        .get(TokenRepository)
        .time()
        .catch(() => 0)) > 0;
    await until(isBack);
    // On one connection: when this is answered, so would be what was asked before.
    await isBack();
    await expectWarnings(EVICTING);
  });

  it('a server that hangs holds up nothing, and is asked when it moves again', async () => {
    const server = await start({ args: EVICTS });
    const client = new Redis(server.url, { socketTimeout: 400 });
    client.on('error', () => undefined);
    endings.push(async () => client.disconnect());
    await once(client, 'ready');

    server.pause();
    expect(await settlesWithin(1_000, storeOn({ client, commandTimeout: '100ms' }))).toBe(true);
    await until(() => client.status !== 'ready');
    expect(warnings).toEqual([]);
    server.resume();

    await expectWarnings(EVICTING, NOTHING_ON_DISK);
  });

  it('snapshots without an append-only file bring logged out sessions back', async () => {
    const { url } = await start({ args: ['--save', '3600 1'] });

    await storeOn({ url });

    await expectWarnings(expect.stringMatching(/since the last one, and brings back/));
  });

  it('a server that confirms what its replicas do not have yet, and the replica itself', async () => {
    const master = await start({ args: ON_DISK });
    const replica = await start({ args: ['--replicaof', `127.0.0.1 ${master.port}`] });
    await until(async () => /connected_slaves:1/.test(await master.client.info('replication')));

    await storeOn({ url: master.url });
    await expectWarnings(UNSAFE_SPLIT);
    await storeOn({ url: replica.url });
    await expectWarnings(UNSAFE_SPLIT, expect.stringContaining('is a replica'));
  });

  it('behind Sentinel the master is asked, and a lone one counts as one of several', async () => {
    const master = await start({ args: ON_DISK });
    const sentinel = await startSentinel(master.port);

    await storeOn({ sentinels: [`127.0.0.1:${sentinel}`], sentinelName: 'mymaster' });

    await expectWarnings(UNSAFE_SPLIT);
  });

  describe('to a user who may not read the settings, as of a managed service', () => {
    async function storeFor(rules: readonly string[], args: readonly string[]): Promise<void> {
      const server = await start({ args });
      await server.client.acl('SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', ...rules);
      await storeOn({ url: server.url.replace('//', '//app:secret@') });
    }

    it('by what INFO tells where CONFIG is forbidden', async () => {
      await storeFor(['-config'], EVICTS);

      await expectWarnings(EVICTING, expect.stringContaining('which it does not tell this user'));
    });

    it('by what CONFIG tells where INFO is forbidden', async () => {
      jest.spyOn(console, 'warn').mockImplementation();
      await storeFor(['-info'], EVICTS);

      await expectWarnings(EVICTING, NOTHING_ON_DISK);
    });

    it('or that nothing was told where both are', async () => {
      jest.spyOn(console, 'warn').mockImplementation();
      await storeFor(['-info', '-config'], EVICTS);

      await expectWarnings(expect.stringContaining('neither INFO nor CONFIG'));
    });

    it('by INFO where CONFIG has another name, and a minimum of replicas is seen there too', async () => {
      const server = await start({ args: [...ON_DISK, '--rename-command', 'CONFIG', 'HIDDEN'] });
      const replica = await start({ args: ['--replicaof', `127.0.0.1 ${server.port}`] });
      await until(async () => /connected_slaves:1/.test(await server.client.info('replication')));
      await storeOn({ url: server.url });
      await expectWarnings(UNSAFE_SPLIT);

      await server.client.call('HIDDEN', 'SET', 'min-replicas-to-write', '1');
      await storeOn({ url: server.url });
      await storeOn({ url: replica.url });
      await expectWarnings(UNSAFE_SPLIT, expect.stringContaining('is a replica'));
    });
  });

  it('of each master of a cluster and of no replica, by its address where not all are meant', async () => {
    const startNode = async (args: readonly string[] = []) => {
      const server = await start({ args: [...QUICK_CLUSTER, ...args], freePorts: ['--cluster-port'] });
      const bus = String(server.ports['--cluster-port']);
      return { ...server, bus, call: (...words: string[]) => server.client.call('CLUSTER', words) };
    };
    const [one, two, replica] = await Promise.all([startNode(), startNode(EVICTS), startNode()]);
    await two.call('SET-CONFIG-EPOCH', '2');
    for (const { port, bus } of [two, replica]) await one.call('MEET', '127.0.0.1', String(port), bus);
    await one.call('ADDSLOTSRANGE', '0', '8000');
    await two.call('ADDSLOTSRANGE', '8001', '16383');
    const idOfTwo = String(await two.call('MYID'));
    await until(async () => String(await replica.call('NODES')).includes(idOfTwo));
    await replica.call('REPLICATE', idOfTwo);
    await until(async () => String(await one.call('SLOTS')).includes(String(replica.port)));
    await until(async () => String(await one.call('INFO')).includes('cluster_state:ok'));
    await until(async () => /connected_slaves:1/.test(await two.client.info('replication')));

    await storeOn({ cluster: [`127.0.0.1:${one.port}`] });

    const ofTwo = (what: string) => expect.stringMatching(`^127.0.0.1:${two.port}: ${what} is `);
    await expectWarnings(NOTHING_ON_DISK, ofTwo('maxmemory-policy'), ofTwo('min-replicas-to-write'));
  });

  it("on a host's own client too, without connecting or closing it", async () => {
    const { port } = await start({ args: EVICTS });
    const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true });
    endings.push(async () => client.disconnect());

    await storeOn({ client });
    expect(client.status).toBe('wait');
    await client.connect();

    await expectWarnings(EVICTING, NOTHING_ON_DISK);
  });

  /** @returns its port */
  async function startSentinel(masterPort: number): Promise<number> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'sentinel-'));
    const file = join(folder, 'sentinel.conf');
    writeFileSync(
      file,
      `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor mymaster 127.0.0.1 ${masterPort} 1\n`,
    );
    const child = spawn(toolPath('redis-server'), [file, '--sentinel'], { stdio: 'ignore' });
    endings.push(async () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
    return port;
  }
});
