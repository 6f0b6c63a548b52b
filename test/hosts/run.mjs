// npm run test:hosts                    applications that install the packed tarball, as anyone would, and a table of what
//                                       Keyturn does in each kind of host
// npm run test:hosts -- --only ws       one project, or the columns of the table whose names hold this text
// npm run test:hosts -- --ci            three installs: Nest 11 with its Jest, Nest 12 with its Vitest, and the project
//                                       with GraphQL and sockets on Nest 12
//
// Each project is copied to a folder outside this one, installed from the registry by its lock file, and compiled.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/root.mjs';
import { startRedis } from '../faults/redis.mjs';
import { refusedStart, startApp, stopApps } from './app.mjs';
import { bundle } from './bundle.mjs';
import { COLUMNS } from './columns.mjs';
import { useShop } from './shop.mjs';

/** Shops as the quick start makes them, compiled with skipLibCheck off and tested by what their Nest comes with. */
const SHOPS = {
  nest11: {
    builds: [[], ['-p', 'tsconfig.node16.json']],
    test: ['jest/bin/jest.js', '--forceExit', '--silent'],
    apps: [{ auth: 'dist/main.js' }, { auth: 'dist-node16/main.js' }],
    format: 'cjs',
  },
  nest12: {
    builds: [[]],
    test: ['vitest/vitest.mjs', 'run', '--silent'],
    apps: [{ auth: 'dist/auth/main.js', guarded: 'dist/orders/main.js' }],
    format: 'esm',
  },
};

const { values } = parseArgs({ options: { only: { type: 'string' }, ci: { type: 'boolean' } } });
const say = (text) => process.stdout.write(`hosts: ${text}\n`);
const { only } = values;
const shops = only === undefined ? Object.keys(SHOPS) : Object.keys(SHOPS).filter((name) => name === only);
const columns = Object.fromEntries(
  Object.entries(COLUMNS).filter(
    ([name, { project }]) =>
      (only === undefined || project === only || name.includes(only)) && !(values.ci && project !== 'streams12'),
  ),
);
if (shops.length + Object.keys(columns).length === 0) {
  say(
    `--only takes ${[...Object.keys(SHOPS), 'streams11', 'streams12'].join(', ')}, or a part of ${Object.keys(COLUMNS).join(', ')}`,
  );
  process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), 'keyturn-hosts-'));
const closing = [async () => rmSync(scratch, { recursive: true, force: true })];
let exitCode = 0;
try {
  await import('../../scripts/build-if-needed.mjs');
  await import('../../scripts/package.mjs');
  const tarball = pack();
  const redis = await startRedis();
  closing.push(() => redis.stop(), stopApps);
  const { generateKeys } = await import('../../dist/esm/index.js');
  const env = { PATH: process.env.PATH, REDIS_URL: redis.url, AUTH_KEYS: JSON.stringify(generateKeys()) };

  for (const name of shops) await playShop(name, SHOPS[name], { tarball, env });

  const folders = {};
  for (const project of new Set(Object.values(columns).map((column) => column.project))) {
    folders[project] = install(project, tarball, (folder) =>
      cpSync(`${root}test/hosts/src`, join(folder, 'src'), { recursive: true }),
    );
    runIn(folders[project])('typescript/bin/tsc');
    say(`${project}: installed, compiles`);
  }
  if (Object.keys(columns).length > 0) {
    const { playMatrix } = await import('./matrix.mjs');
    const problems = await playMatrix(columns, { folders, env, say });
    for (const problem of problems) say(`FAILS: ${problem}`);
    if (problems.length > 0) exitCode = 1;
    if (columns['Apollo 14']) {
      const said = await refusedStart(folders.streams12, 'dist/apollo.js', { ...env, UNGUARDED_FIELDS: '1' });
      if (!said.includes('CartResolver.margin')) throw new Error(`the refusal names no field:\n${said}`);
      say('Apollo 14: refuses to start where a field that demands a role would be open');
    }
  }
} catch (error) {
  say(`FAILED: ${error.stack}`);
  exitCode = 1;
} finally {
  for (const close of closing.toReversed()) await close();
}
// Not left to a kept connection.
process.exit(exitCode);

async function playShop(name, { builds, test, apps, format }, { tarball, env }) {
  const folder = install(name, tarball);
  const node = runIn(folder);
  for (const args of builds) node('typescript/bin/tsc', ...args);
  say(`${name}: installed, compiles ${builds.length === 1 ? '' : `${builds.length} ways `}with skipLibCheck off`);
  node(...test);
  say(`${name}: its own ${test[0].split('/')[0]} is green`);
  for (const { auth, guarded } of apps) {
    const issuer = await startApp(folder, auth, env);
    const app = guarded ? await startApp(folder, guarded, { ...env, AUTH_URL: issuer.url }) : issuer;
    await useShop(issuer.url, app.url);
    for (const { stop } of new Set([app, issuer])) await stop();
    say(`${name}: ${[auth, guarded].filter(Boolean).join(' and ')}: guards, slides, refreshes, revokes`);
  }
  const into = mkdtempSync(join(scratch, 'bundled-'));
  const inOneFile = async (entry, more) =>
    startApp(into, await bundle(folder, entry, { format, into }), { ...env, ...more });
  const [{ auth, guarded }] = apps;
  const issuer = await inOneFile(auth);
  const app = guarded ? await inOneFile(guarded, { AUTH_URL: issuer.url }) : issuer;
  await useShop(issuer.url, app.url);
  for (const { stop } of new Set([app, issuer])) await stop();
  say(`${name}: the same as one file each by esbuild, without node_modules`);
}

function install(name, tarball, prepare = () => undefined) {
  const folder = join(scratch, name);
  cpSync(`${root}test/hosts/${name}`, folder, { recursive: true });
  prepare(folder);
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error', tarball];
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 });
  return folder;
}

/** Runs a tool of a project's own. */
function runIn(folder) {
  return (tool, ...args) =>
    execFileSync(process.execPath, [join(folder, 'node_modules', tool), ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 600_000,
    });
}

function pack() {
  const options = { cwd: `${root}dist/package`, stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync('npm', ['pack', '--loglevel', 'error', '--pack-destination', scratch], options);
  return join(
    scratch,
    readdirSync(scratch).find((name) => name.endsWith('.tgz')),
  );
}
