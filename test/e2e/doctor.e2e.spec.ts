import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { once } from 'node:events';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { generateKey, generateKeys } from '../../src/index.js';
import { loadConfig } from '../../src/service/config/load-config.js';
import { readServiceConfig } from '../../src/service/config/service.config.js';
import type { Finding } from '../../src/service/doctor/finding.js';
import { runDoctor } from '../../src/service/doctor/doctor-command.js';
import { ServerDatabase } from '../../src/service/database/server-database.js';
import { ask, startPostgres, type PostgresDatabase } from '../support/postgres-server.js';
import { freePort, startRedis, type RedisServer } from '../support/redis-server.js';
import { registered } from '../support/registry.js';
import { startService, type RunningService } from '../support/service.js';

const KEYS = JSON.stringify(generateKeys());
const PAGE = 'https://shop.example';
const DAY = 86_400_000;

let redis: RedisServer;
let postgres: PostgresDatabase;
let service: RunningService;
let env: Record<string, string>;
beforeAll(async () => {
  Logger.overrideLogger(false);
  redis = await startRedis({ args: ['--appendonly', 'yes', '--save', '3600 1'] });
  postgres = await startPostgres();
  const settings = { REDIS_URL: redis.url, DATABASE_URL: postgres.url, AUTH_KEYS: KEYS, ALLOWED_ORIGINS: PAGE };
  service = await startService(settings);
  env = { ...settings, AUTH_ISSUER: service.url };
});
afterAll(async () => {
  await service.stop();
  await postgres.stop();
  await redis.stop();
});

/** What the command prints and ends with, for these settings in place of the good ones. */
async function doctor(changes: Record<string, string> = {}, args: readonly string[] = [], ahead = 0) {
  let printed = '';
  const code = await runDoctor(args, {
    config: async () => (await loadConfig(readServiceConfig, { ...env, ...changes })).config,
    write: (text) => (printed += text),
    now: () => Date.now() + ahead,
  });
  return { code, printed };
}
/** Its one line about a check, and the exit code. */
async function lineOf(area: string, check: string, looked: ReturnType<typeof doctor>) {
  const { code, printed } = await looked;
  const lines = printed.split('\n').filter((line) => new RegExp(`^\\w+ +${area} +${check} +`).test(line));
  expect({ lines, printed }).toEqual({ lines: [expect.any(String)], printed });
  return { line: lines[0]!.replace(/ +/g, ' '), code };
}
const bad = (text: RegExp) => ({ line: expect.stringMatching(text), code: 1 });
const warned = (text: RegExp) => ({ line: expect.stringMatching(text), code: 3 });

/** On a busy machine a round trip is slow, and the command says so: rightly, and not what these tests are about. */
const isSlow = (line: string): boolean => /^warn +\w+ +latency /.test(line);
const faultsIn = (printed: string): string[] =>
  printed.split('\n').filter((line) => line !== '' && !line.startsWith('ok ') && !isSlow(line));
/** What the command ends with where nothing but the machine is at fault. */
const fine = (printed: string): number => (printed.split('\n').some(isSlow) ? 3 : 0);

it('finds nothing wrong where nothing is, and says what it has looked at', async () => {
  const { code, printed } = await doctor();
  expect(faultsIn(printed)).toEqual([]);
  expect(code).toBe(fine(printed));
  for (const area of ['settings', 'Redis', 'PostgreSQL', 'keys', 'address']) expect(printed).toContain(` ${area} `);
});

it('takes the arguments that docs/operations.md gives it', async () => {
  const [, args] = /npm run -s keyturn -- doctor (.+)/.exec(readFileSync('docs/operations.md', 'utf8'))!;
  const here = args!.replace(/https:\S+/, service.url).split(' ');
  const { code, printed } = await doctor({}, here);
  expect({ code, printed }).toEqual({ code: fine(printed), printed: expect.stringContaining('time-out 30s') });
});

it('prints the same as JSON, for programs', async () => {
  const { code, printed } = await doctor({}, ['--json']);
  const { findings } = JSON.parse(printed) as { findings: Finding[] };
  expect(findings).toContainEqual({ area: 'Redis', check: 'version', state: 'ok', says: expect.stringMatching(/^\d/) });
  const wrong = findings.filter(({ state }) => state !== 'ok');
  expect(wrong.filter(({ check }) => check !== 'latency')).toEqual([]);
  expect(code).toBe(wrong.length > 0 ? 3 : 0);
});

it('tells of settings that cannot be used, and shows no password', async () => {
  const looked = doctor({ ACCESS_TTL: 'soon', DATABASE_URL: 'postgres://u:hunter2@db/x' });
  expect(await lineOf('settings', 'settings', looked)).toEqual(bad(/^bad settings settings ACCESS_TTL /));
  expect((await looked).printed).not.toContain('hunter2');
});

describe('Redis', () => {
  afterEach(async () => {
    await redis.client.config('SET', 'maxmemory', '0');
    await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
    await redis.client.config('SET', 'appendfsync', 'everysec');
  });

  it('that does not answer', async () => {
    const looked = doctor({ REDIS_URL: `redis://:hunter2@127.0.0.1:${await freePort()}` });
    expect(await lineOf('Redis', 'reach', looked)).toEqual(bad(/^bad Redis reach Nothing listens .*127\.0\.0\.1/));
    expect((await looked).printed).not.toContain('hunter2');
  });

  it('that is not configured: sessions would be in memory', async () => {
    expect(await lineOf('Redis', 'reach', doctor({ REDIS_URL: '' }))).toEqual(warned(/^warn Redis reach No REDIS_URL/));
  });

  it('of a version that is too old', async () => {
    // A real server whose INFO is changed on the way: no other version is to be had here.
    const { redis_version: told } = Object.fromEntries(
      (await redis.client.info('server')).split('\r\n').map((line) => line.split(':')),
    ) as Record<string, string>;
    const older = '6.0.1'.padEnd(told!.length, '0');
    const line = await changingLine(redis.port, (text) =>
      text.replace(`redis_version:${told}`, `redis_version:${older}`),
    );
    const looked = doctor({ REDIS_URL: `redis://127.0.0.1:${line.port}` });
    expect(await lineOf('Redis', 'version', looked)).toEqual(bad(/^bad Redis version Redis 6\.0\.\d+ may refuse/));
    await line.close();
  });

  it('that drops sessions when its memory is out', async () => {
    await redis.client.config('SET', 'maxmemory', '100mb');
    await redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await lineOf('Redis', 'policy', doctor())).toEqual(
      warned(/^warn Redis policy maxmemory-policy is allkeys-lru/),
    );
  });

  it('that keeps nothing on disk, or not soon enough', async () => {
    const forgetful = await startRedis();
    const looked = doctor({ REDIS_URL: forgetful.url });
    expect(await lineOf('Redis', 'persistence', looked)).toEqual(warned(/^warn Redis persistence .*logs everyone out/));
    await forgetful.stop();
    await redis.client.config('SET', 'appendfsync', 'no');
    expect(await lineOf('Redis', 'fsync', doctor())).toEqual(warned(/^warn Redis fsync appendfsync is no/));
  });

  it('whose replicas may be left behind, and one that is a replica', async () => {
    const args = ['--replicaof', `127.0.0.1 ${redis.port}`, '--repl-diskless-sync-delay', '0'];
    const replica = await startRedis({ args });
    while (!(await redis.client.info('replication')).includes('connected_slaves:1')) {
      await new Promise((wake) => setTimeout(wake, 20));
    }
    expect(await lineOf('Redis', 'replicas', doctor())).toEqual(
      warned(/^warn Redis replicas min-replicas-to-write is 0/),
    );
    const looked = doctor({ REDIS_URL: replica.url });
    expect(await lineOf('Redis', 'replicas', looked)).toEqual(bad(/^bad Redis replicas This .* is a replica/));
    await replica.stop();
    while (!(await redis.client.info('replication')).includes('connected_slaves:0')) {
      await new Promise((wake) => setTimeout(wake, 20));
    }
  });

  it('that tells this user nothing of itself', async () => {
    await redis.client.call('ACL', 'SETUSER', 'mute', 'on', '>pw', '~*', '&*', '+@all', '-info', '-config');
    const looked = doctor({ REDIS_URL: `redis://mute:pw@127.0.0.1:${redis.port}` });
    expect(await lineOf('Redis', 'rights', looked)).toEqual(warned(/^warn Redis rights Redis tells this user neither/));
  });

  it('that has another name for INFO is reached, as the service reaches it at the second try', async () => {
    const server = await startRedis({ args: ['--rename-command', 'INFO', 'HIDDEN'], info: 'HIDDEN' });
    const { line } = await lineOf('Redis', 'reach', doctor({ REDIS_URL: server.url }));
    expect(line).toMatch(/^ok Redis reach/);
    await server.stop();
  });

  it.each([
    ['may not run a script', ['~kt:*', '+@all', '-eval', '-evalsha'], 'evalsha'],
    ['may not count login attempts', ['~kt:*', '+@all', '-lrem'], 'lrem'],
    ['has keys below another prefix', ['~other:*', '+@all'], 'evalsha'],
  ])('whose user %s, so that no login would go well', async (_, rights, command) => {
    await redis.client.call('ACL', 'SETUSER', 'weak', 'reset', 'on', '>pw', ...rights);
    const looked = doctor({ REDIS_URL: `redis://weak:pw@127.0.0.1:${redis.port}` });
    expect(await lineOf('Redis', 'commands', looked)).toEqual(
      bad(new RegExp(`^bad Redis commands The Redis user may not .*\\(${command}, `)),
    );
  });

  it('is left as it is', async () => {
    const before = await redis.client.dbsize();
    expect((await lineOf('Redis', 'commands', doctor())).line).toMatch(/^ok Redis commands /);
    expect(await redis.client.dbsize()).toBe(before);
  });

  it('whose clock is another', async () => {
    const looked = doctor({}, [], -5_000);
    expect(await lineOf('Redis', 'clock', looked)).toEqual(warned(/^warn Redis clock Redis is \d+ ms ahead of/));
  });

  it('that is far away', async () => {
    const line = await changingLine(redis.port, (text) => text, 40);
    const looked = doctor({ REDIS_URL: `redis://127.0.0.1:${line.port}`, REDIS_COMMAND_TIMEOUT: '5s' });
    expect(await lineOf('Redis', 'latency', looked)).toEqual(warned(/^warn Redis latency A round trip takes [4-9]\d/));
    await line.close();
  });
});

describe('PostgreSQL', () => {
  const at = (change: (url: URL) => void) => {
    const url = new URL(postgres.url);
    change(url);
    return { DATABASE_URL: url.href };
  };

  it('that does not let it in, without showing the password', async () => {
    const looked = doctor(at((url) => Object.assign(url, { username: 'nobody', password: 'hunter2' })));
    expect(await lineOf('PostgreSQL', 'reach', looked)).toEqual(bad(/^bad PostgreSQL reach .+ See DATABASE_URL\.$/));
    expect((await looked).printed).not.toContain('hunter2');
  });

  it('that is not configured', async () => {
    const looked = doctor({ DATABASE_URL: '' });
    expect(await lineOf('PostgreSQL', 'reach', looked)).toEqual(warned(/^warn PostgreSQL reach No DATABASE_URL/));
  });

  it('of a version that is too old', async () => {
    // A real server that tells another version to who comes to this database.
    const old = await startPostgres();
    const name = new URL(old.url).pathname.slice(1);
    await ask(old.url, `create schema older`);
    await ask(
      old.url,
      `create function older.current_setting(text) returns text language sql as
      $$ select case $1 when 'server_version_num' then '130014' else pg_catalog.current_setting($1) end $$`,
    );
    await ask(old.url, `alter database ${name} set search_path = older, pg_catalog, public`);
    const looked = doctor({ DATABASE_URL: old.url });
    expect(await lineOf('PostgreSQL', 'version', looked)).toEqual(
      bad(/^bad PostgreSQL version PostgreSQL 13 is older/),
    );
    await old.stop();
  });

  it('without room for the connections of all instances', async () => {
    const small = await startPostgres({ args: ['-c', 'max_connections=15'] });
    const looked = doctor({ DATABASE_URL: small.url }, ['--instances', '2']);
    expect(await lineOf('PostgreSQL', 'pool', looked)).toEqual(bad(/^bad PostgreSQL pool max_connections 15 has room/));
    await small.stop();
  });

  it('that takes no writes, as a standby', async () => {
    const standby = await startPostgres();
    await ask(
      standby.url,
      `alter database ${new URL(standby.url).pathname.slice(1)} set default_transaction_read_only = on`,
    );
    const looked = doctor({ DATABASE_URL: standby.url });
    expect(await lineOf('PostgreSQL', 'writes', looked)).toEqual(bad(/a standby.+Name the primary/));
    await standby.stop();
  });

  it('whose schema is older, which matters where no start brings it up to date', async () => {
    const empty = await startPostgres();
    const looked = (migrate: string) => doctor({ DATABASE_URL: empty.url, MIGRATE_ON_START: migrate });
    expect(await lineOf('PostgreSQL', 'migrations', looked('false'))).toEqual(bad(/run keyturn migrate\.$/));
    expect(await lineOf('PostgreSQL', 'migrations', looked('true'))).toEqual(warned(/the next start brings it/));
    const database = await ServerDatabase.at({ url: empty.url, migrate: true });
    await database.prepare();
    await database.close();
    const { code, printed } = await doctor({ DATABASE_URL: empty.url, MIGRATE_ON_START: 'false' });
    expect(code).toBe(fine(printed));
    await empty.stop();
  });

  it('that is far away', async () => {
    const line = await changingLine(postgres.port, (text) => text, 40);
    const looked = doctor(at((url) => (url.host = `127.0.0.1:${line.port}`)));
    expect(await lineOf('PostgreSQL', 'latency', looked)).toEqual(warned(/^warn PostgreSQL latency A query takes/));
    await line.close();
  });
});

describe('the keys', () => {
  const [access, refresh] = generateKeys().keys;
  const dated = (more: object) => JSON.stringify({ keys: [{ ...access, ...more }, refresh] });
  const at = (days: number) => new Date(Date.now() + days * DAY).toISOString();

  it('that cannot be used', async () => {
    expect(await lineOf('keys', 'ring', doctor({ AUTH_KEYS: '{"keys":[]}' }))).toEqual(
      bad(/^bad keys ring AUTH_KEYS|^bad keys ring keys/),
    );
  });

  it('in a file that is not there, and goes on to look at the rest', async () => {
    const looked = doctor({ AUTH_KEYS: '', AUTH_KEYS_FILE: '' });
    expect(await lineOf('keys', 'ring', looked)).toEqual(bad(/the key file .*keys\.json cannot be read \(ENOENT\)/));
    expect((await looked).printed).toMatch(/^ok +Redis +reach/m);
  });

  it('that have signed for years', async () => {
    const keys = dated({ use_from: at(-400) });
    expect((await lineOf('keys', 'access age', doctor({ AUTH_KEYS: keys }))).line).toMatch(
      /^warn keys access age .* 400 days: rotate/,
    );
  });

  it('none of which signs now', async () => {
    const keys = dated({ use_from: at(1) });
    expect(await lineOf('keys', 'access age', doctor({ AUTH_KEYS: keys }))).toEqual(bad(/No access key signs now/));
  });

  it('that end soon with none to follow', async () => {
    const keys = dated({ retire_at: at(3) });
    expect(await lineOf('keys', 'access end', doctor({ AUTH_KEYS: keys }))).toEqual(bad(/no access key signs, and/));
  });

  it('in a file that everyone can read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyturn-doctor-'));
    const file = join(folder, 'keys.json');
    writeFileSync(file, KEYS);
    chmodSync(file, 0o644);
    const looked = doctor({ AUTH_KEYS: '', AUTH_KEYS_FILE: file });
    expect(await lineOf('keys', 'file', looked)).toEqual(warned(/can be read by everyone/));
    rmSync(folder, { recursive: true });
  });
});

describe('the address that clients ask at', () => {
  it('is not that of the issuer', async () => {
    const looked = doctor({ AUTH_ISSUER: 'https://auth.example' }, ['--url', service.url]);
    expect(await lineOf('address', 'issuer', looked)).toEqual(
      bad(/^bad address issuer Tokens name https:\/\/auth\.example/),
    );
  });

  it('gives nothing, or something else, where the keys should be', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    expect(await lineOf('address', 'JWKS', doctor({}, ['--url', nobody]))).toEqual(bad(/JWKS .*ECONNREFUSED/));
    const other = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect(await lineOf('address', 'JWKS', doctor({}, ['--url', url]))).toEqual(bad(/no key set: is it another/));
    other.close();
  });

  it('has other keys than these settings', async () => {
    const keys = JSON.stringify({ keys: [generateKey('access', 'ES256'), generateKey('refresh', 'ES256')] });
    expect(await lineOf('address', 'JWKS', doctor({ AUTH_KEYS: keys }))).toEqual(bad(/does not have .*different keys/));
  });

  it('is one for which browsers drop the cookies', async () => {
    const cookie = { AUTH_CLIENTS: '{"web":{"transport":"cookie"}}' };
    const byHttp = doctor(cookie, ['--url', 'http://auth.invalid']);
    expect(await lineOf('address', 'cookies', byHttp)).toEqual(bad(/keep no secure cookie of http:\/\/auth\.invalid/));
    const ofAnother = doctor({ ...cookie, COOKIE_DOMAIN: 'shop.example' }, ['--url', 'https://auth.invalid']);
    expect(await lineOf('address', 'cookies', ofAnother)).toEqual(
      bad(/browsers drop cookies for it from auth\.invalid/),
    );
  });

  it('lets in no page that the settings name, or the pages of everybody', async () => {
    const looked = doctor({ ALLOWED_ORIGINS: 'https://other.example' });
    expect(await lineOf('address', 'CORS', looked)).toEqual(bad(/does not let in pages of https:\/\/other\.example/));
    // A proxy that means well.
    const proxy = createServer((asked, response) => {
      const { url, method, headers } = asked;
      request(`${service.url}${url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode!, {
          ...answer.headers,
          'access-control-allow-origin': headers.origin ?? '*',
        });
        answer.pipe(response);
      }).end();
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    expect(await lineOf('address', 'CORS of strangers', doctor({}, ['--url', url]))).toEqual(bad(/pages of everybody/));
    proxy.closeAllConnections();
    proxy.close();
  });

  it('is behind a proxy that gives up later than grace lasts', async () => {
    const looked = doctor({}, ['--proxy-timeout', '60s']);
    expect(await lineOf('address', 'grace', looked)).toEqual(
      warned(/REFRESH_GRACE 30s is shorter than the time-out of 60s|1m/),
    );
  });
});

/** A line to a server that changes what it says, or takes its time for it. */
const changingLine = (to: number, change: (text: string) => string, delay = 0) =>
  registered(
    (async () => {
      const server = createTcpServer((near) => {
        const far = connect(to, '127.0.0.1');
        near.on('error', () => far.destroy()).on('close', () => far.destroy());
        far.on('error', () => near.destroy()).on('close', () => near.destroy());
        near.pipe(far);
        far.on('data', (bytes) => {
          const changed = Buffer.from(change(bytes.toString('latin1')), 'latin1');
          setTimeout(() => near.write(changed), delay);
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return {
        port: (server.address() as AddressInfo).port,
        close: async () => {
          server.close();
        },
      };
    })(),
    'close',
  );
