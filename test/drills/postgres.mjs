import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../../scripts/root.mjs';
import { toolPath } from '../../scripts/system-tools.mjs';
import { ask, startPostgresServer } from '../support/postgres-process.mjs';

/**
 * A real PostgreSQL server on loopback in a folder of its own, with an empty database `keyturn`.
 * @returns its url; `ask(statement)`; `run(tool, args, input)` for `pg_dump` and the like, which gives what they print;
 *   `stop()`
 */
export async function startPostgres() {
  execFileSync(process.execPath, [`${root}scripts/ensure-system.mjs`, 'postgres'], { stdio: 'inherit' });
  const bin = dirname(toolPath('postgres'));
  const server = await startPostgresServer();
  await server.ready;
  const url = Object.assign(new URL(server.url), { pathname: '/keyturn' }).href;
  const run = (tool, args, input) =>
    execFileSync(find(tool, bin), args, {
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      env: { ...process.env, LC_ALL: 'C' },
    });
  await ask(server.url, 'create database keyturn');
  return { url, ask: (statement) => ask(url, statement), run, stop: server.stop };
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
