// The programs that no npm package brings and that tests, drills and benchmarks start for real. Here is where they are
// looked for; scripts/ensure-system.mjs provides what is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './root.mjs';

/** What was unpacked without root: programs in `bin`, the packages' files in `tree`. */
export const unpacked = join(root, '.cache', 'system');

/**
 * By the name of the program: Debian's package; the oldest version that will do; how it tells its version; other names
 * it may have; programs that must lie beside it; others that its package brings; whether it is provided only when it is named; and where the package keeps it, if not on the PATH.
 */
export const TOOLS = {
  'redis-server': { package: 'redis-server', oldest: '6.2' },
  postgres: { package: 'postgresql', oldest: '14', beside: ['initdb'], brings: ['psql', 'pg_dump', 'pg_restore'] },
  openssl: { package: 'openssl', asks: 'version' },
  curl: { package: 'curl' },
  zsh: { package: 'zsh' },
  javac: { package: 'openjdk-17-jdk-headless', optional: true },
  nginx: { package: 'nginx', asks: '-v' },
  chromium: {
    package: 'chromium',
    names: ['chromium-browser', 'google-chrome', 'google-chrome-stable'],
    kept: 'usr/lib/chromium',
  },
};

const newestFirst = (a, b) => Number(b) - Number(a);
const foldersOf = (top) => {
  const clusters = join(top, 'usr/lib/postgresql');
  return existsSync(clusters)
    ? readdirSync(clusters)
        .sort(newestFirst)
        .map((version) => join(clusters, version, 'bin'))
    : [];
};

/** Where a program may lie; PostgreSQL's servers and nginx are not on everybody's PATH. */
const places = () => [
  ...(process.env.PATH ?? '').split(delimiter).filter(Boolean),
  '/usr/sbin',
  ...foldersOf('/'),
  join(unpacked, 'bin'),
];

const atLeast = (version, oldest) => {
  const [have, want] = [version, oldest].map((text) => text.split('.').map(Number));
  return have[0] !== want[0] ? have[0] > want[0] : (have[1] ?? 0) >= (want[1] ?? 0);
};

function works(path, { asks = '--version', oldest }) {
  const { status, stdout, stderr } = spawnSync(path, [asks], { encoding: 'utf8', timeout: 30_000 });
  if (status !== 0) return false;
  const [version] = /\d+(\.\d+)*/.exec(`${stdout}${stderr}`) ?? ['0'];
  return oldest === undefined || atLeast(version, oldest);
}

/** The path of a program of {@link TOOLS} that starts and is new enough, or undefined; `where`: folders to look in. */
export function findTool(name, where = places()) {
  const { names = [], beside = [], ...tool } = TOOLS[name];
  const candidates = [name, ...names].flatMap((called) => where.map((place) => [place, join(place, called)]));
  const found = candidates.find(
    ([place, path]) => [path, ...beside.map((other) => join(place, other))].every(existsSync) && works(path, tool),
  );
  return found?.[1];
}

/** @throws Error that says how to get it, when it is not there */
export function toolPath(name) {
  const path = findTool(name);
  if (path === undefined) throw new Error(`There is no ${name}: run node scripts/ensure-system.mjs ${name}`);
  return path;
}
