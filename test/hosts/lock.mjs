// node test/hosts/lock.mjs: writes the lock files of the hosts anew, without keyturn itself and without addresses.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';

const HOSTS = ['nest11', 'nest12', 'webpack11', 'rspack12', 'managers', 'streams11', 'streams12', 'lowest11'];

for (const host of process.argv.length > 2 ? process.argv.slice(2) : HOSTS) {
  const scratch = mkdtempSync(join(tmpdir(), 'keyturn-lock-'));
  copyFileSync(`${root}test/hosts/${host}/package.json`, join(scratch, 'package.json'));
  const args = ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', [...args, '--omit-lockfile-registry-resolved'], { cwd: scratch, stdio: 'inherit' });
  copyFileSync(join(scratch, 'package-lock.json'), `${root}test/hosts/${host}/package-lock.json`);
  rmSync(scratch, { recursive: true, force: true });
}
