import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../scripts/root.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The folder with the peers' packages, installed by their lock file at the first use. */
export function peersTree() {
  const lock = readFileSync(`${here}package-lock.json`);
  const tree = join(root, '.cache', `peers-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (existsSync(tree)) return tree;
  const draft = `${tree}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', 'load.mjs']) cpSync(here + file, join(draft, file));
  console.log('installs the peers into .cache, once');
  execFileSync('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: draft,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  renameSync(draft, tree);
  return tree;
}
