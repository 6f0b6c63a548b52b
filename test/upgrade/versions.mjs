import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';

/**
 * The version before, in a folder of its own: that of a commit, or this one with its number marked.
 * @returns `{ name, entry, remove() }`
 */
export function versionBefore(commit) {
  return commit === undefined ? markedCopy() : builtFrom(commit);
}

export function versionNow() {
  return { name: `${versionIn(root)} (this tree)`, entry: `${root}dist/esm/main.js`, remove: () => undefined };
}

const versionIn = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;

function markedCopy() {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-before-'));
  cpSync(`${root}dist/esm`, join(folder, 'dist/esm'), { recursive: true });
  const version = `${versionIn(root)}-before`;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version, type: 'module' }));
  symlinkSync(`${root}node_modules`, join(folder, 'node_modules'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { name: `${version} (the same source)`, entry: join(folder, 'dist/esm/main.js'), remove };
}

/** With the packages that are installed here: it is Keyturn's versions that are compared. */
function builtFrom(commit) {
  const folder = join(mkdtempSync(join(tmpdir(), 'keyturn-before-')), 'tree');
  const git = (...args) =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  git('worktree', 'add', '--detach', folder, commit);
  const remove = () => {
    git('worktree', 'remove', '--force', folder);
    rmSync(join(folder, '..'), { recursive: true, force: true });
  };
  try {
    symlinkSync(`${root}node_modules`, join(folder, 'node_modules'));
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    const short = git('rev-parse', '--short', commit).trim();
    return { name: `${versionIn(folder)} (${short})`, entry: join(folder, 'dist/esm/main.js'), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
