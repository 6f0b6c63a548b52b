import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';

const PRUNE = `${root}scripts/prune-modules.mjs`;
const digestOf = (files) =>
  files
    .reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256'))
    .digest('hex')
    .slice(0, 12);

/**
 * A folder as the image has it: the build, and no package that it does not need. Nest takes any of its own packages that
 * it finds, in the folders above as well, so that the tree lies outside the repository. Installed once for each lock file.
 */
export function productionTree() {
  const tree = join(tmpdir(), `keyturn-production-${digestOf([`${root}package-lock.json`, PRUNE])}`);
  if (!existsSync(tree)) {
    const draft = `${tree}.${process.pid}`;
    mkdirSync(draft, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) cpSync(root + file, join(draft, file));
    console.log(`installs what production needs into ${tree}, once`);
    execFileSync('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: draft,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    execFileSync(process.execPath, [PRUNE, draft]);
    renameSync(draft, tree);
  }
  for (const folder of ['dist', 'bench']) rmSync(join(tree, folder), { recursive: true, force: true });
  cpSync(`${root}dist/esm`, join(tree, 'dist/esm'), { recursive: true });
  cpSync(`${root}dist/pgdata.tar.gz`, join(tree, 'dist/pgdata.tar.gz'));
  cpSync(`${root}bench/servers/bare.mjs`, join(tree, 'bench/bare.mjs'));
  return tree;
}
