import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { root } from '../../scripts/root.mjs';
import { stepOf } from '../walk/page.mjs';
import { startApp } from './app.mjs';
import { install } from './project.mjs';
import { startRegistry } from './registry.mjs';
import { playApps } from './shop.mjs';

/** In which each package sees only what it declares. */
const YARN = {
  program: '@yarnpkg/cli-dist/bin/yarn.js',
  prepare(folder, registry) {
    writeFileSync(join(folder, 'yarn.lock'), '');
    // Without the fallback Yarn would give a package what only the application declares. @nestjs/platform-express 11 itself
    // imports rxjs without declaring it.
    const settings = `
nodeLinker: pnp
pnpFallbackMode: none
enableTelemetry: false
enableScripts: false
npmRegistryServer: ${registry}
unsafeHttpWhitelist: ['127.0.0.1']
packageExtensions:
  '@nestjs/platform-express@^11.0.0':
    peerDependencies:
      rxjs: '*'
`;
    writeFileSync(join(folder, '.yarnrc.yml'), settings);
  },
  // As nest new sets it: @nestjs/core 12 itself has types of a package that it does not declare.
  compile: ['tsc', '--skipLibCheck'],
  nodeOptions: (folder) =>
    `--require ${folder}/.pnp.cjs --experimental-loader ${pathToFileURL(folder).href}/.pnp.loader.mjs --no-warnings`,
};

const PNPM = {
  program: 'pnpm/bin/pnpm.cjs',
  prepare: (folder, registry) => writeFileSync(join(folder, '.npmrc'), `registry=${registry}\n`),
  compile: ['exec', 'tsc'],
  nodeOptions: () => '',
};

const NEST_11 = { shop: 'nest11', line: 'Nest 11', apps: { auth: 'dist/main.js' } };
const NEST_12 = {
  shop: 'nest12',
  line: 'Nest 12',
  apps: { auth: 'dist/auth/main.js', guarded: 'dist/orders/main.js' },
};

/** Shops that other package managers install, by the line of the quick start and nothing else. */
export const MANAGED = {
  yarn11: { ...YARN, ...NEST_11 },
  yarn12: { ...YARN, ...NEST_12 },
  pnpm11: { ...PNPM, ...NEST_11 },
  pnpm12: { ...PNPM, ...NEST_12 },
};

export async function playManagers(names, { scratch, tarball, env, say, closing }) {
  const registry = await startRegistry(tarball);
  closing.push(registry.stop);
  const tools = install('managers', { scratch });
  for (const name of names) {
    const { program, prepare, compile, nodeOptions, shop, line, apps } = MANAGED[name];
    const folder = join(scratch, name);
    cpSync(`${root}test/hosts/${shop}`, folder, {
      recursive: true,
      filter: (path) => !/package-lock\.json$|\.spec\.ts$/.test(path),
    });
    const packages = stepOf('docs/quick-start.md', line).trim().replace('npm install ', '').split(' ');
    forget(packages, folder);
    prepare(folder, registry.url);
    // Not synchronously: the registry is in this process.
    const run = (...args) =>
      promisify(execFile)(process.execPath, [join(tools, 'node_modules', program), ...args], {
        cwd: folder,
        maxBuffer: 2 ** 26,
        timeout: 600_000,
      });
    await run('add', ...packages);
    await run(...compile);
    const settings = { ...env, NODE_OPTIONS: nodeOptions(folder) };
    await playApps((entry, more) => startApp(folder, entry, { ...settings, ...more }), apps);
    say(`${name}: add ${packages.join(' ')}: compiles, guards, slides, refreshes, revokes`);
  }
}

/** Takes out of a package.json what the line is to bring. */
function forget(packages, folder) {
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  for (const name of packages) delete manifest.dependencies[name.replace(/(?<=.)@.*$/, '')];
  writeFileSync(path, JSON.stringify(manifest));
}
