import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../scripts/root.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * A folder with packages of peers, installed by their lock file at the first use.
 * @param set `nest11` for those that want a Nest of their own; default: all others
 */
export function peersTree(set = '') {
  const from = join(here, set);
  const lock = readFileSync(join(from, 'package-lock.json'));
  const name = ['peers', set, createHash('sha256').update(lock).digest('hex').slice(0, 12)].filter(Boolean).join('-');
  const tree = join(root, '.cache', name);
  if (existsSync(tree)) return tree;
  const draft = `${tree}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(from, file), join(draft, file));
  cpSync(join(here, 'load.mjs'), join(draft, 'load.mjs'));
  console.log(`installs ${name} into .cache, once`);
  execFileSync('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: draft,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  renameSync(draft, tree);
  return tree;
}
