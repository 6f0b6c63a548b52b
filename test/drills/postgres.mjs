import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Client } from 'pg';
import { root } from '../../scripts/root.mjs';
import { toolPath } from '../../scripts/system-tools.mjs';
import { freePort, until } from '../faults/redis.mjs';

const HOST = '127.0.0.1';

/**
 * A real PostgreSQL server on loopback in a folder of its own, with an empty database `keyturn`.
 * @returns its url; `ask(statement)`; `run(tool, args, input)` for `pg_dump` and the like, which gives what they print;
 *   `stop()`
 */
export async function startPostgres() {
  execFileSync(process.execPath, [`${root}scripts/ensure-system.mjs`, 'postgres'], { stdio: 'inherit' });
  const bin = dirname(toolPath('postgres'));
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-postgres-'));
  const owner = ownerOf(folder);
  const env = { ...process.env, LC_ALL: 'C' };
  const options = { cwd: folder, env, ...owner };
  const data = join(folder, 'data');
  const run = (tool, args, input) =>
    execFileSync(find(tool, bin), args, { ...options, input, encoding: 'utf8', maxBuffer: 2 ** 26 });
  run('initdb', ['-D', data, '-U', 'keyturn', '--auth=trust', '--no-sync', '--encoding=UTF8', '--no-locale']);
  const port = await freePort();
  const where = ['-h', HOST, '-p', String(port), '-k', ''];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...where, '-F'], { ...options, stdio: 'ignore' });
  const exit = once(server, 'exit');
  // A shell that waits for our end of its input: it closes however we end, by `kill -9` too.
  const guard = spawn('sh', ['-c', `read -r _; kill -QUIT ${server.pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  guard.stdin.unref();
  const base = `postgres://keyturn@${HOST}:${port}`;
  await until('PostgreSQL', async () => (await ask(`${base}/postgres`, 'select 1')).length === 1, 60_000);
  await ask(`${base}/postgres`, 'create database keyturn');
  return {
    url: `${base}/keyturn`,
    ask: (statement) => ask(`${base}/keyturn`, statement),
    run,
    stop: async () => {
      server.kill('SIGINT');
      await exit;
      guard.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ask(connectionString, statement) {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** Debian keeps the tools of each version in a folder that is not on the PATH. */
function find(tool, bin) {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
  const folders = [bin, ...versions, ...(process.env.PATH ?? '').split(delimiter)];
  const found = folders.map((folder) => join(folder, tool)).find((path) => existsSync(path));
  if (!found) throw new Error(`No ${tool}: it comes with PostgreSQL's client package`);
  return found;
}

/** Neither initdb nor postgres runs as root: the user that Debian's package makes. */
function ownerOf(folder) {
  if (process.getuid() !== 0) return {};
  const idOf = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const owner = { uid: idOf('-u'), gid: idOf('-g') };
  chownSync(folder, owner.uid, owner.gid);
  return owner;
}
