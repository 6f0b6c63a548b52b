import { copyFileSync, cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';
import { startApp } from './app.mjs';
import { install, runIn } from './project.mjs';
import { playApps } from './shop.mjs';

/**
 * Shops that `nest build` makes into one file each, with all their packages: what Nest 11 has is webpack, and for ES modules
 * on Nest 12 rspack.
 */
export const BUILDERS = {
  webpack11: {
    of: 'nest11/src',
    builds: [['build', '--webpack']],
    apps: { auth: 'dist/main.js' },
    type: 'cjs',
  },
  rspack12: {
    of: 'nest12/apps',
    builds: [
      ['build', 'auth'],
      ['build', 'orders'],
    ],
    apps: { auth: 'dist/apps/auth/main.js', guarded: 'dist/apps/orders/main.js' },
    type: 'mjs',
  },
};

export async function playBuilder(name, { scratch, tarball, env, say }) {
  const { of, builds, apps, type } = BUILDERS[name];
  const prepare = (folder) =>
    cpSync(`${root}test/hosts/${of}`, join(folder, of.split('/')[1]), {
      recursive: true,
      filter: (path) => !path.endsWith('.spec.ts'),
    });
  const folder = install(name, { scratch, packages: [tarball], prepare });
  for (const args of builds) runIn(folder)('@nestjs/cli/bin/nest.js', ...args);
  // Where no package can be found.
  const into = mkdtempSync(join(scratch, 'alone-'));
  const start = (entry, more) => {
    const file = join(into, `${entry.replaceAll('/', '-')}.${type}`);
    copyFileSync(join(folder, entry), file);
    return startApp(into, file, { ...env, ...more });
  };
  await playApps(start, apps);
  say(`${name}: nest ${builds[0].join(' ')}: one file each, without node_modules: guards, slides, refreshes, revokes`);
}
