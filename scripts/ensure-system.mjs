// node scripts/ensure-system.mjs                     all programs that the commands here start
// node scripts/ensure-system.mjs redis-server zsh    these alone
// node scripts/ensure-system.mjs --unpack …          never installs: unpacks the packages into .cache/system
//
// What is on this machine is used. What is missing comes from Debian's packages by one apt-get: installed as root, which
// it announces before it starts; unpacked into .cache/system without root.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findTool, TOOLS, unpacked } from './system-tools.mjs';

const say = (text) => console.error(`ensure-system: ${text}`);
const run = (command, args, options = {}) =>
  execFileSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 900_000,
    maxBuffer: 2 ** 26,
    ...options,
  });

function install(packages) {
  say(`installs system packages on this machine by apt-get: ${packages.join(' ')}`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const wait = ['-o', 'DPkg::Lock::Timeout=240'];
  run('apt-get', [...wait, 'update'], options);
  run('apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...packages], options);
}

function unpack(names) {
  const packages = names.map((name) => TOOLS[name].package);
  say(`unpacks Debian's packages into .cache/system, and installs nothing: ${packages.join(' ')}`);
  const [lists, archives, tree] = ['lists', 'archives', 'tree'].map((name) => join(unpacked, name));
  for (const folder of [join(lists, 'partial'), join(archives, 'partial'), tree, join(unpacked, 'bin')])
    mkdirSync(folder, { recursive: true });
  const own = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${archives}`, '-o', 'Debug::NoLocking=1'];
  run('apt-get', [...own, 'update'], { cwd: archives });
  run('apt-get', [...own, 'download', ...withLibraries(packages, own)], { cwd: archives });
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb')))
    run('dpkg', ['-x', join(archives, file), tree]);
  for (const folder of [lists, archives]) rmSync(folder, { recursive: true });
  for (const name of names) wrap(name, tree);
}

/** With the libraries that a slim image may lack; not what every Debian has, nor LLVM, which is large and for long queries. */
function withLibraries(packages, own) {
  const without = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (kind) => `--no-${kind}`,
  );
  const names = run('apt-cache', [...own, 'depends', '--recurse', ...without, ...packages]).split('\n');
  const itself = (name) => packages.some((wanted) => name.startsWith(wanted.replace('-server', '')));
  const library = (name) => name.startsWith('lib') && !/^lib(llvm|perl|c6|c-bin|gcc|.*-perl)/.test(name);
  return [...new Set(names)].filter((name) => /^[a-z0-9][a-z0-9.+-]+$/.test(name) && (itself(name) || library(name)));
}

/** A command that starts an unpacked program with the libraries beside it. */
function wrap(name, tree) {
  const { beside = [], brings = [], kept } = TOOLS[name];
  const libraries = foldersBelow(join(tree, 'usr/lib')).concat(foldersBelow(join(tree, 'lib')));
  const clusters = foldersBelow(join(tree, 'usr/lib/postgresql')).map((folder) => join(folder, 'bin'));
  const inTree = [...(kept ? [kept] : []), 'usr/bin', 'usr/sbin', 'bin'].map((path) => join(tree, path));
  const homes = [...inTree, ...clusters];
  for (const program of [name, ...beside, ...brings]) {
    const home = homes.find((folder) => existsSync(join(folder, program)));
    if (!home) throw new Error(`the package ${TOOLS[name].package} has no program ${program}`);
    const command = join(unpacked, 'bin', program);
    // exec: the process that tests start, stop and pause is the program itself.
    const start = `LD_LIBRARY_PATH='${libraries.join(':')}' exec '${join(home, program)}' "$@"`;
    writeFileSync(command, `#!/bin/sh\n${start}\n`);
    chmodSync(command, 0o755);
  }
}

const foldersBelow = (path) => (existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : []);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { unpack: { type: 'boolean', default: false } },
});
const wanted = positionals.length > 0 ? positionals : Object.keys(TOOLS).filter((name) => !TOOLS[name].optional);
const unknown = wanted.filter((name) => !Object.hasOwn(TOOLS, name));
try {
  if (unknown.length > 0) throw new Error(`it knows ${Object.keys(TOOLS).join(', ')}, but not ${unknown.join(', ')}`);
  const where = values.unpack ? [join(unpacked, 'bin')] : undefined;
  const missing = wanted.filter((name) => !findTool(name, where));
  if (missing.length > 0) {
    if (values.unpack || process.getuid?.() !== 0) unpack(missing);
    else install(missing.map((name) => TOOLS[name].package));
  }
  for (const name of wanted) {
    const path = findTool(name, where);
    if (!path) throw new Error(`${name} was fetched but does not start`);
    console.log(`${name}: ${path}`);
  }
} catch (error) {
  say(`could not provide ${wanted.join(', ')}: ${error.message}`);
  say(
    'Install them so that they are on the PATH, then try again. DATABASE_URL_TEST can name a PostgreSQL server instead.',
  );
  process.exit(1);
}
