// Tests run against real PostgreSQL servers, and no npm package ships one: see to it that `initdb` and `postgres` can be
// started. Order: the PATH, Debian's folder, .cache/postgres, Debian's package (installed as root, unpacked into
// .cache/postgres without root). Prints { "bin", "libraries" }. With DATABASE_URL_TEST tests use that server instead.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './root.mjs';

const cache = join(root, '.cache', 'postgres');
const tree = join(cache, 'tree');
const OLDEST = 14;

const foldersIn = (path) => (existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : []);
const debians = (top) =>
  foldersIn(join(top, 'usr/lib/postgresql'))
    .sort((a, b) => Number(b.split('/').at(-1)) - Number(a.split('/').at(-1)))
    .map((version) => join(version, 'bin'));

/** The unpacked tree has its libraries in odd places; an installed one needs nothing said. */
const librariesOf = (bin) =>
  bin.startsWith(tree) ? [...foldersIn(join(tree, 'usr/lib')), ...foldersIn(join(tree, 'lib'))].join(delimiter) : '';

function works(bin) {
  const env = { ...process.env, LD_LIBRARY_PATH: librariesOf(bin) };
  return ['initdb', 'postgres'].every((name) => {
    const { status, stdout } = spawnSync(join(bin, name), ['--version'], { encoding: 'utf8', env });
    return status === 0 && Number(/(\d+)/.exec(stdout)?.[1]) >= OLDEST;
  });
}

const find = () =>
  [...(process.env.PATH ?? '').split(delimiter), ...debians('/'), ...debians(tree)]
    .filter((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')))
    .find(works);

const run = (command, args, options = {}) =>
  execFileSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 400_000,
    maxBuffer: 2 ** 26,
    ...options,
  });

function install() {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const wait = ['-o', 'DPkg::Lock::Timeout=240'];
  run('apt-get', [...wait, 'update'], options);
  run('apt-get', [...wait, 'install', '-y', '--no-install-recommends', 'postgresql'], options);
}

function unpack() {
  const [lists, archives] = ['lists', 'archives'].map((name) => join(cache, name));
  rmSync(cache, { recursive: true, force: true });
  for (const folder of [join(lists, 'partial'), join(archives, 'partial'), tree])
    mkdirSync(folder, { recursive: true });
  const own = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${cache}`, '-o', 'Debug::NoLocking=1'];
  run('apt-get', [...own, 'update'], { cwd: archives });
  const depends = (...args) => run('apt-cache', [...own, 'depends', '--no-recommends', '--no-suggests', ...args]);
  const server = /Depends: (postgresql-\d+)/.exec(depends('postgresql'))?.[1];
  if (!server) throw new Error("apt does not know the package 'postgresql'");
  // With the libraries that a slim image may lack; not LLVM, which is large and loaded for long queries only.
  const names = depends('--recurse', '--no-conflicts', '--no-breaks', '--no-replaces', '--no-enhances', server)
    .split('\n')
    .filter((name) => /^lib[a-z0-9.+-]+$/.test(name) && !/^lib(llvm|perl|c6|c-bin|gcc|stdc|.*-perl)/.test(name));
  run('apt-get', [...own, 'download', server, ...new Set(names)], { cwd: archives });
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    run('dpkg', ['-x', join(archives, file), tree]);
  }
  rmSync(lists, { recursive: true });
  rmSync(archives, { recursive: true });
}

function ensure() {
  const present = find();
  if (present) return present;
  if (process.getuid?.() === 0) install();
  else unpack();
  const bin = find();
  if (!bin) throw new Error('it was fetched but does not start');
  return bin;
}

try {
  const bin = ensure();
  console.log(JSON.stringify({ bin, libraries: librariesOf(bin) }));
} catch (error) {
  console.error(`ensure-postgres: the tests need a PostgreSQL and none could be fetched: ${error.message}`);
  console.error(`Install PostgreSQL ${OLDEST} or later, or give a server by DATABASE_URL_TEST, then try again.`);
  process.exit(1);
}
