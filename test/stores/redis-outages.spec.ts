import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { AuthConfigError, AuthError } from '../../src/auth.errors.js';
import type { RedisTokenRepositoryOptions } from '../../src/stores/redis/redis-connection-options.js';
import { REDIS_CLIENT, RedisTokenRepositoryModule } from '../../src/stores/redis/redis-token-repository.module.js';
import { TokenRepository } from '../../src/sessions/token.repository.js';
import type { RedisServer, RedisServerOptions } from '../support/redis-server.js';
import { freePort, startRedis } from '../support/redis-server.js';
import { settlesWithin } from '../support/settles-within.js';
import { login, rotationOf } from '../../src/testing/session-samples.js';

const COMMAND_TIMEOUT = 500;
/** What docs/reliability.md allows on top of the command timeout. */
const SLACK = 200;
const HEALTHY_WITHIN = 2_000;
const PAUSE = 20;

describe('a Redis that fails', () => {
  const servers: RedisServer[] = [];
  const modules: TestingModule[] = [];
  let errors: jest.SpyInstance;
  let notices: jest.SpyInstance;

  beforeEach(() => {
    errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    notices = jest.spyOn(Logger.prototype, 'log').mockImplementation();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(modules.splice(0).map((module) => module.close()));
    await Promise.all(servers.splice(0).map((server) => server.kill()));
  });

  async function start(options?: RedisServerOptions): Promise<RedisServer> {
    const server = await startRedis(options);
    servers.push(server);
    return server;
  }

  async function storeOn(options: RedisTokenRepositoryOptions): Promise<TokenRepository> {
    const imports = [RedisTokenRepositoryModule.forRoot({ commandTimeout: `${COMMAND_TIMEOUT}ms`, ...options })];
    const module = await Test.createTestingModule({ imports }).compile();
    modules.push(await module.init());
    return module.get(TokenRepository);
  }

  /** What a call says to someone who needs an answer now, and whether it says it in time. */
  async function refusalOf(call: Promise<unknown>): Promise<{ error: unknown; isInTime: boolean }> {
    const refusal = call.then(
      () => 'an answer',
      (thrown: unknown) => thrown,
    );
    const isInTime = await settlesWithin(COMMAND_TIMEOUT + SLACK, refusal);
    return { error: await refusal, isInTime };
  }

  const callsOf = (store: TokenRepository): readonly [name: string, call: () => Promise<unknown>][] => [
    ['open', () => store.open(login())],
    ['find', () => store.find('user-7', 'x')],
    ['end', () => store.end('user-7', ['x'], 'session_revoked', 1_000)],
    ['endBelow', () => store.endBelow('user-7', 1, 'session_revoked', 1_000)],
    ['list', () => store.list('user-7')],
    ['raiseGeneration', () => store.raiseGeneration('user-7', 1, 1_000)],
    ['generationOf', () => store.generationOf('user-7')],
    ['time', () => store.time()],
  ];

  async function expectEachCallRefusedInTime(store: TokenRepository): Promise<void> {
    for (const [, call] of callsOf(store)) {
      const { error, isInTime } = await refusalOf(call());
      expect(error).toBeInstanceOf(AuthError);
      expect(error).toMatchObject({ code: 'store_unavailable', retryAfter: 1 });
      expect(isInTime).toBe(true);
    }
  }

  async function expectHealthySoon(store: TokenRepository): Promise<void> {
    // Counted in pauses: a busy machine makes each of them longer, and what is waited for as well.
    for (let left = HEALTHY_WITHIN / PAUSE; !(await store.time().catch(() => 0)); left--) {
      expect(left).toBeGreaterThan(0);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  it('killed: every call is refused in time, and works again when the server is back', async () => {
    const server = await start();
    const store = await storeOn({ url: server.url });
    expect(await store.open(login())).toMatchObject({ outcome: 'opened' });

    await server.kill();
    await expectEachCallRefusedInTime(store);

    await start({ port: server.port });
    await expectHealthySoon(store);
    expect(await store.open(login())).toMatchObject({ outcome: 'opened' });
  });

  it('hung: every call is refused in time, and works again when the server moves', async () => {
    const server = await start();
    const store = await storeOn({ url: server.url });

    server.pause();
    await expectEachCallRefusedInTime(store);

    server.resume();
    await expectHealthySoon(store);
  });

  it('hung: a refresh whose answer never came is not run twice by the client', async () => {
    const server = await start();
    const store = await storeOn({ url: server.url });
    const opened = await store.open(login());
    if (opened.outcome !== 'opened') throw new Error(opened.outcome);
    const command = rotationOf(opened.record);

    server.pause();
    const { error } = await refusalOf(store.advance(command));
    expect(error).toMatchObject({ kind: 'timeout' });
    server.resume();
    await expectHealthySoon(store);

    // It may have run late or not at all; the same command again settles it either way.
    await store.advance(command);
    expect((await store.find(command.sub, command.sid)).record).toMatchObject({ seq: 1, attempt: command.attempt });
  });

  it('absent at start: the module comes up all the same, and finds the server when it appears', async () => {
    const port = await freePort();
    const coming = storeOn({ url: `redis://127.0.0.1:${port}` });
    expect(await settlesWithin(3_000, coming)).toBe(true);
    const store = await coming;
    await expectEachCallRefusedInTime(store);

    await start({ port });
    await expectHealthySoon(store);
  });

  it('present at start: the first call finds a connection', async () => {
    const server = await start();
    const store = await storeOn({ url: server.url });

    expect(await store.time()).toBeGreaterThan(0);
  });

  it('an outage is one line in the log with address and reason, and so is its end', async () => {
    const server = await start();
    const store = await storeOn({ url: server.url });

    await server.kill();
    for (let i = 0; i < 20; i += 1) {
      await refusalOf(store.time());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await start({ port: server.port });
    await expectHealthySoon(store);

    expect(errors.mock.calls).toEqual([
      [expect.stringContaining(`Nothing listens at the address of Redis (127.0.0.1:${server.port}, ECONNREFUSED).`)],
    ]);
    expect(notices.mock.calls).toContainEqual(['Redis is back.']);
  });

  it('a wrong password is named in the log, and neither it nor the right one is printed', async () => {
    const server = await start({ password: 'right-secret' });
    const store = await storeOn({ url: `redis://:wrong-secret@127.0.0.1:${server.port}` });

    const { error } = await refusalOf(store.time());

    expect(error).toMatchObject({ code: 'store_unavailable' });
    expect(errors.mock.calls[0]![0]).toContain('Redis refuses the user name or password (127.0.0.1:');
    expect(JSON.stringify([errors.mock.calls, notices.mock.calls, String(error)])).not.toMatch(/(right|wrong)-secret/);
  });

  it('the password of the URL opens the door', async () => {
    const server = await start({ password: 'p@ss/word' });
    const store = await storeOn({ url: `redis://:${encodeURIComponent('p@ss/word')}@127.0.0.1:${server.port}` });

    expect(await store.time()).toBeGreaterThan(0);
  });

  it('INFO has another name there: used all the same, with a warning, since only the look for LOADING needs it', async () => {
    const warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const server = await start({ args: ['--rename-command', 'INFO', 'HIDDEN'], info: 'HIDDEN' });
    const store = await storeOn({ url: server.url });
    await expectHealthySoon(store);

    expect(await store.open(login())).toMatchObject({ outcome: 'opened' });
    expect(warnings.mock.calls.flat()).toContainEqual(expect.stringContaining('does not know the command INFO'));
    // It is no outage.
    expect(errors).not.toHaveBeenCalled();
  });

  it('a command that is needed has another name there: the refusal says so, because Redis was asked in vain', async () => {
    const server = await start({ args: ['--rename-command', 'EVALSHA', 'HIDDEN'] });
    const store = await storeOn({ url: server.url });

    expect((await refusalOf(store.open(login()))).error).toMatchObject({
      kind: 'command',
      fault: expect.stringMatching(/^Redis does not know a command that is needed/),
    });
  });

  it('turned into a replica: refused as READONLY, and well again when it is a master', async () => {
    const server = await start();
    const store = await storeOn({ url: server.url });

    await server.client.replicaof('127.0.0.1', String(await freePort()));
    expect((await refusalOf(store.open(login()))).error).toMatchObject({ kind: 'READONLY' });

    await server.client.replicaof('NO', 'ONE');
    await expectHealthySoon(store);
    expect(await store.open(login())).toMatchObject({ outcome: 'opened' });
  });

  it('busy with a script of someone else: refused in time', async () => {
    const server = await start({ args: ['--busy-reply-threshold', '50'] });
    const store = await storeOn({ url: server.url });
    const endless = server.client.eval('while true do end', 0).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));

    const { error, isInTime } = await refusalOf(store.time());
    expect(error).toMatchObject({ kind: 'BUSY' });
    expect(isInTime).toBe(true);

    const other = new Redis(server.url, { enableReadyCheck: false });
    await other.script('KILL');
    other.disconnect();
    await endless;
  });

  it("a host's own client is bounded too, whatever its options, and stays open", async () => {
    const server = await start();
    const client = new Redis(server.url);
    client.on('error', () => undefined);
    const store = await storeOn({ client });
    expect(modules[0]!.get(REDIS_CLIENT)).toBe(client);

    server.pause();
    expect((await refusalOf(store.time())).isInTime).toBe(true);
    server.resume();

    await modules.splice(0)[0]!.close();
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });

  it('its own client is closed with the module', async () => {
    const server = await start();
    await storeOn({ url: server.url });
    const client = modules[0]!.get<Redis>(REDIS_CLIENT);

    const ended = once(client, 'end');
    await modules.splice(0)[0]!.close();

    await ended;
    await expect(client.ping()).rejects.toThrow('Connection is closed');
  });

  it('options of forRootAsync are checked as well', async () => {
    const imports = [RedisTokenRepositoryModule.forRootAsync({ useFactory: () => ({ url: 'http://x' }) })];

    await expect(Test.createTestingModule({ imports }).compile()).rejects.toBeInstanceOf(AuthConfigError);
  });
});
