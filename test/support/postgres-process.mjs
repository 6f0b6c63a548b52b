import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../../scripts/started-process.mjs';
import { root } from '../../scripts/root.mjs';
import { toolPath } from '../../scripts/system-tools.mjs';

const HOST = '127.0.0.1';
const USER = 'keyturn';
const PASSWORD = 'the-password-of-the-test';
const READY_WITHIN = 60_000;
const QUICK = ['--no-sync', '--auth=scram-sha-256', '--pwfile=password', '--encoding=UTF8', '--no-locale'];

/**
 * A real PostgreSQL server on loopback, in a folder of its own; it is gone with this process, by `kill -9` too.
 * @returns at once: `url` of the database `postgres`, `ready` (a promise that fails when the server does not start), `stop()`
 */
export async function startPostgresServer(args = []) {
  const postgres = toolPath('postgres');
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const owner = ownerOf(folder);
  const data = join(folder, 'data');
  copy(newCluster(dirname(postgres)), data);
  const port = await freePort();
  const where = ['-D', data, '-h', HOST, '-p', String(port), '-k', '', '-F', '-c', 'max_connections=300'];
  const options = { cwd: folder, env: { ...process.env, LC_ALL: 'C' }, ...owner };
  const child = spawn(postgres, [...where, ...args], { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk) => (output += chunk.toString()));
  child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const guard = stopWithUs(child.pid);
  const url = `postgres://${USER}:${PASSWORD}@${HOST}:${port}/postgres`;
  const stop = async () => {
    guard.kill('SIGKILL');
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGINT');
    await once(child, 'exit');
  };
  const ready = isReady(url, data, child).then(async (is) => {
    if (is) return;
    await stop();
    throw new Error(`postgres did not start:\n${output}`);
  });
  // A run that ends before the server is ready must not fail by it.
  ready.catch(() => undefined);
  return { url, data, ready, stop };
}

/** One statement, behind the service's back. On a busy machine a connection alone takes seconds. */
export async function ask(url, statement) {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 60_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** A cluster as `initdb` leaves it, made once: copying it takes a tenth of the time. */
function newCluster(bin) {
  const version = /\d+(\.\d+)*/.exec(execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }))[0];
  const kept = join(root, '.cache', `postgres-${version}-${process.getuid?.() === 0 ? 'root' : 'user'}`);
  if (existsSync(kept)) return kept;
  const folder = mkdtempSync(join(tmpdir(), 'initdb-'));
  const owner = ownerOf(folder);
  writeFileSync(join(folder, 'password'), PASSWORD);
  const options = { cwd: folder, env: { ...process.env, LC_ALL: 'C' }, ...owner };
  execFileSync(join(bin, 'initdb'), ['-D', join(folder, 'data'), '-U', USER, ...QUICK], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const draft = `${kept}.${process.pid}`;
  mkdirSync(join(root, '.cache'), { recursive: true });
  copy(join(folder, 'data'), draft);
  rmSync(folder, { recursive: true });
  try {
    // Renamed when it is whole; another process may have been faster.
    renameSync(draft, kept);
  } catch {
    rmSync(draft, { recursive: true });
  }
  return kept;
}

/** With owners and modes, which PostgreSQL insists on; Node's own copy keeps no owners. */
const copy = (from, to) => execFileSync('cp', ['-Rp', from, to]);

/** Neither initdb nor postgres runs as root: the user that Debian's package makes, or nobody. */
function ownerOf(folder) {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag) => {
    const { status, stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : 65_534;
  };
  const owner = { uid: idOf('-u'), gid: idOf('-g') };
  chownSync(folder, owner.uid, owner.gid);
  return owner;
}

/** A shell that waits for our end of its input: it closes however we end, by `kill -9` too. */
function stopWithUs(pid) {
  const guard = spawn('sh', ['-c', `read -r _; kill -QUIT ${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  guard.stdin.unref();
  return guard;
}

async function isReady(url, data, child) {
  for (const until = Date.now() + READY_WITHIN; Date.now() < until && child.exitCode === null; await sleep(25)) {
    // Another server may have taken the port between our look and our start.
    const shown = await ask(url, 'show data_directory').catch(() => null);
    if (shown) return shown[0]?.data_directory === data;
  }
  return false;
}
