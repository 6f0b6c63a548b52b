// npm run smoke:nodes [-- 22 24]: the smoke test on other versions of Node, which come from the registry and stay in .cache.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { root } from './root.mjs';

const given = process.argv.slice(2);
const name = `node-${process.platform}-${process.arch}`;
for (const major of given.length > 0 ? given : ['22', '24']) {
  const home = `${root}.cache/node-${major}`;
  const node = `${home}/node_modules/${name}/bin/node`;
  if (!existsSync(node)) {
    mkdirSync(home, { recursive: true });
    execFileSync('npm', ['install', '--prefix', home, '--no-audit', '--no-fund', `${name}@${major}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  console.log(`smoke: on Node ${version}`);
  execFileSync(node, [`${root}scripts/smoke.mjs`], { stdio: 'inherit', cwd: root });
}
