import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';

/** Runs a tool of a project's own. */
export const runIn =
  (folder) =>
  (tool, ...args) =>
    execFileSync(process.execPath, [join(folder, 'node_modules', tool), ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 600_000,
    });

/**
 * Copies a project to a folder outside of this one, and installs it by its lock file.
 * @param packages what is installed beside it, such as the packed tarball
 * @param prepare is called with the folder before
 * @returns the folder
 */
export function install(name, { scratch, packages = [], prepare = () => undefined }) {
  const folder = join(scratch, name);
  cpSync(`${root}test/hosts/${name}`, folder, { recursive: true });
  prepare(folder);
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error', ...packages];
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 });
  return folder;
}

/** @returns the path of the packed tarball */
export function pack(into) {
  const options = { cwd: `${root}dist/package`, stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync('npm', ['pack', '--loglevel', 'error', '--pack-destination', into], options);
  return join(
    into,
    readdirSync(into).find((name) => name.endsWith('.tgz')),
  );
}
