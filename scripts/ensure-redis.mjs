// Tests run against real Redis servers, and no npm package ships one: see to it that `redis-server` can be started.
// Order: the PATH, .cache/redis, Debian's package (installed as root, unpacked into .cache/redis without root).
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const cache = join(root, '.cache', 'redis');
const cached = join(cache, 'redis-server');
// With the libraries that a slim image may lack.
const packages = ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2', 'libatomic1', 'libssl3', 'libstdc++6'];

const versionOf = (binary) => {
  const { status, stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  return status === 0 ? (/v=(\S+)/.exec(stdout)?.[1] ?? 'unknown') : null;
};

const run = (command, args, options = {}) =>
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', timeout: 240_000, ...options });

function install() {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const wait = ['-o', 'DPkg::Lock::Timeout=120'];
  run('apt-get', [...wait, 'update'], options);
  run('apt-get', [...wait, 'install', '-y', '--no-install-recommends', 'redis-server'], options);
}

function unpack() {
  const [lists, archives, tree] = ['lists', 'archives', 'tree'].map((name) => join(cache, name));
  rmSync(cache, { recursive: true, force: true });
  for (const folder of [join(lists, 'partial'), join(archives, 'partial'), tree])
    mkdirSync(folder, { recursive: true });
  const own = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${cache}`, '-o', 'Debug::NoLocking=1'];
  run('apt-get', [...own, 'update'], { cwd: archives });
  run('apt-get', [...own, 'download', ...packages], { cwd: archives });
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    run('dpkg', ['-x', join(archives, file), tree]);
  }
  rmSync(lists, { recursive: true });
  rmSync(archives, { recursive: true });
  const libraries = readdirSync(join(tree, 'usr/lib')).map((name) => join(tree, 'usr/lib', name));
  // exec: the process that tests start, stop and pause is the server itself.
  const start = `LD_LIBRARY_PATH='${libraries.join(':')}' exec '${join(tree, 'usr/bin/redis-server')}' "$@"`;
  writeFileSync(cached, `#!/bin/sh\n${start}\n`);
  chmodSync(cached, 0o755);
}

function ensure() {
  const present = versionOf('redis-server') ?? versionOf(cached);
  if (present) return `redis-server ${present} is there`;
  const isRoot = process.getuid?.() === 0;
  if (isRoot) install();
  else unpack();
  const version = versionOf('redis-server') ?? versionOf(cached);
  if (!version) throw new Error('it was fetched but does not start');
  return isRoot ? `installed redis-server ${version}` : `unpacked redis-server ${version} into .cache/redis`;
}

try {
  console.log(`ensure-redis: ${ensure()}.`);
} catch (error) {
  console.error(`ensure-redis: the tests need a redis-server and none could be fetched: ${error.message}`);
  console.error('Install Redis 6.2 or later so that redis-server is on the PATH, then try again.');
  process.exit(1);
}
