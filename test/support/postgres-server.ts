import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './redis-server.js';
import { toolPath } from '../../scripts/system-tools.mjs';
import { registered } from './registry.js';

/** A database of a test's own, empty, on a real PostgreSQL. */
export interface PostgresDatabase {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const USER = 'keyturn';
const PASSWORD = 'the-password-of-the-test';
const READY_WITHIN = 60_000;

/**
 * A database on the server of `DATABASE_URL_TEST`, or on one that is started for it and gone with the test process.
 * @param args further arguments of `postgres`, such as `['-c', 'ssl=on']`; they always start a server
 * @throws Error when no server could be started; `scripts/ensure-system.mjs` provides the programs
 */
export const startPostgres = ({ args = [] }: { readonly args?: readonly string[] } = {}): Promise<PostgresDatabase> =>
  registered(start(args), 'stop');

async function start(args: readonly string[]): Promise<PostgresDatabase> {
  const given = process.env.DATABASE_URL_TEST;
  if (given && args.length === 0) return databaseOn(given, async () => undefined);
  const server = await startServer(args);
  return databaseOn(server.url, server.stop);
}

async function databaseOn(server: string, stopServer: () => Promise<void>): Promise<PostgresDatabase> {
  const name = `keyturn_${randomBytes(6).toString('hex')}`;
  await ask(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    host: url.hostname,
    port: Number(url.port) || 5432,
    stop: async () => {
      await ask(server, `drop database ${name} with (force)`);
      await stopServer();
    },
  };
}

/** One statement, behind the service's back. */
export async function ask(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function startServer(args: readonly string[]) {
  const bin = dirname(toolPath('postgres'));
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  // Neither initdb nor postgres runs as root.
  const owner = ownerFor(folder);
  writeFileSync(join(folder, 'password'), PASSWORD);
  const env = { ...process.env, LC_ALL: 'C' };
  const options = { cwd: folder, env, ...owner } as const;
  const data = join(folder, 'data');
  const quick = [
    '--no-sync',
    '--auth=scram-sha-256',
    '--pwfile=password',
    '--encoding=UTF8',
    '--no-locale',
    '--no-instructions',
  ];
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', USER, ...quick], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = await freePort();
  const where = ['-h', HOST, '-p', String(port), '-k', ''];
  const child = spawn(join(bin, 'postgres'), ['-D', data, ...where, '-F', ...args], { ...options, stdio: ['ignore', 'ignore', 'pipe'] }); // prettier-ignore
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const guard = stopWithUs(child);
  const url = `postgres://${USER}:${PASSWORD}@${HOST}:${port}/postgres`;
  if (!(await isReady(url, data, child))) {
    child.kill('SIGQUIT');
    throw new Error(`postgres did not start:\n${output}`);
  }
  const stop = async (): Promise<void> => {
    guard.kill('SIGKILL');
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGINT');
    await once(child, 'exit');
  };
  return { url, stop };
}

/** The user that Debian's package makes, or nobody. */
function ownerFor(folder: string): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => {
    const { status, stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : 65_534;
  };
  const owner = { uid: idOf('-u'), gid: idOf('-g') };
  chownSync(folder, owner.uid, owner.gid);
  return owner;
}

/** A shell that waits for our end of its input: it closes however we end, by `kill -9` too. */
function stopWithUs({ pid }: ChildProcess): ChildProcess {
  const guard = spawn('sh', ['-c', `read -r _; kill -QUIT ${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}

async function isReady(url: string, data: string, child: ChildProcess): Promise<boolean> {
  for (const until = Date.now() + READY_WITHIN; Date.now() < until && child.exitCode === null; await sleep(25)) {
    // Another server may have taken the port between our look and our start.
    const shown = await ask(url, 'show data_directory').catch(() => null);
    if (shown) return shown[0]?.data_directory === data;
  }
  return false;
}
