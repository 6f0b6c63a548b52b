// npm run test:hosts                    applications that install the packed tarball, as anyone would, and a table of what
//                                       Keyturn does in each kind of host
// npm run test:hosts -- --only ws       one project, or the columns of the table whose names hold this text; also some, with
//                                       commas between them
// npm run test:hosts -- --only yarn11   also yarn12, pnpm11, pnpm12: shops that other package managers install; webpack11 and
//                                       rspack12: shops that `nest build` makes into one file
// npm run test:hosts -- --ci            three installs: Nest 11 with its Jest, Nest 12 with its Vitest, and the project
//                                       with GraphQL and sockets on Nest 12
//
// Each project is copied to a folder outside this one, installed from the registry by its lock file, and compiled.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/root.mjs';
import { startRedis } from '../faults/redis.mjs';
import { refusedStart, startApp, stopApps } from './app.mjs';
import { BUILDERS, playBuilder } from './builders.mjs';
import { bundle } from './bundle.mjs';
import { COLUMNS } from './columns.mjs';
import { MANAGED, playManagers } from './managers.mjs';
import { install, pack, runIn } from './project.mjs';
import { playApps } from './shop.mjs';
import { STORIES } from './stories.mjs';

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
const only = values.only?.split(',');
const named = (of) => Object.keys(of).filter((name) => only === undefined || only.includes(name));
const shops = named(SHOPS);
const [builders, managed] = values.ci ? [[], []] : [named(BUILDERS), named(MANAGED)];
/** Those of a project that is asked for, or whose names hold what is asked for. */
const inProjects = (of) =>
  Object.fromEntries(
    Object.entries(of).filter(
      ([name, { project }]) =>
        (only === undefined || only.some((text) => project === text || name.includes(text))) &&
        !(values.ci && project !== 'streams12'),
    ),
  );
const [columns, stories] = [inProjects(COLUMNS), inProjects(STORIES)];
if ([...shops, ...builders, ...managed, ...Object.keys({ ...columns, ...stories })].length === 0) {
  const projects = [...Object.keys({ ...SHOPS, ...BUILDERS, ...MANAGED }), 'streams11', 'streams12'];
  say(`--only takes ${projects.join(', ')}, or a part of ${Object.keys({ ...COLUMNS, ...STORIES }).join(', ')}`);
  process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), 'keyturn-hosts-'));
const closing = [async () => rmSync(scratch, { recursive: true, force: true })];
let exitCode = 0;
try {
  await import('../../scripts/build-if-needed.mjs');
  await import('../../scripts/package.mjs');
  const tarball = pack(scratch);
  const redis = await startRedis();
  closing.push(() => redis.stop(), stopApps);
  const { generateKeys } = await import('../../dist/esm/index.js');
  const env = { PATH: process.env.PATH, REDIS_URL: redis.url, AUTH_KEYS: JSON.stringify(generateKeys()) };

  for (const name of shops) await playShop(name, SHOPS[name], { tarball, env });
  for (const name of builders) await playBuilder(name, { scratch, tarball, env, say });
  if (managed.length > 0) await playManagers(managed, { scratch, tarball, env, say, closing });

  const folders = {};
  for (const project of new Set(Object.values({ ...columns, ...stories }).map((each) => each.project))) {
    folders[project] = install(project, {
      scratch,
      packages: [tarball],
      prepare: (folder) => cpSync(`${root}test/hosts/src`, join(folder, 'src'), { recursive: true }),
    });
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
  for (const [name, { project, play }] of Object.entries(stories)) {
    await play({ folder: folders[project], env });
    say(`${name}: as its guide says`);
  }
} catch (error) {
  say(`FAILED: ${error.stack}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  exitCode = 1;
} finally {
  for (const close of closing.toReversed()) await close();
}
// Not left to a kept connection.
process.exit(exitCode);

async function playShop(name, { builds, test, apps, format }, { tarball, env }) {
  const folder = install(name, { scratch, packages: [tarball] });
  const node = runIn(folder);
  for (const args of builds) node('typescript/bin/tsc', ...args);
  say(`${name}: installed, compiles ${builds.length === 1 ? '' : `${builds.length} ways `}with skipLibCheck off`);
  node(...test);
  say(`${name}: its own ${test[0].split('/')[0]} is green`);
  for (const each of apps) {
    await playApps((entry, more) => startApp(folder, entry, { ...env, ...more }), each);
    say(`${name}: ${Object.values(each).join(' and ')}: guards, slides, refreshes, revokes`);
  }
  const into = mkdtempSync(join(scratch, 'bundled-'));
  await playApps(
    async (entry, more) => startApp(into, await bundle(folder, entry, { format, into }), { ...env, ...more }),
    apps[0],
  );
  say(`${name}: the same as one file each by esbuild, without node_modules`);
}
