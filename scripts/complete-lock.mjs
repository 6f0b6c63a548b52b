// npm leaves packages for other platforms out of package-lock.json where a node_modules is there already (npm/cli#4828),
// and `npm ci` then refuses the lock file elsewhere. Run this after each `npm install`: it locks once more beside an
// empty folder, where npm looks at every platform, and asks for the checksum of each package.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'keyturn-lock-'));
const [here, there] = [root, scratch].map((folder) => join(folder, 'package-lock.json'));
const withoutChecksum = (lock) =>
  Object.entries(lock.packages)
    .filter(([path, { integrity, link }]) => path !== '' && !integrity && !link)
    .map(([path]) => path);

try {
  copyFileSync(join(root, 'package.json'), join(scratch, 'package.json'));
  const before = JSON.parse(readFileSync(here, 'utf8'));
  // npm keeps what it finds, so what has no checksum must not be found.
  for (const path of withoutChecksum(before)) delete before.packages[path];
  writeFileSync(there, JSON.stringify(before));
  const args = ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
  // No addresses: a machine's own mirror of the registry would get into the file.
  const npm = spawnSync('npm', [...args, '--omit-lockfile-registry-resolved', '--loglevel=error'], {
    cwd: scratch,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) throw new Error('npm could not lock the packages; package-lock.json was not changed');
  const lock = JSON.parse(readFileSync(there, 'utf8'));
  const lacking = withoutChecksum(lock);
  if (lacking.length > 0) throw new Error(`package-lock.json has no checksum of ${lacking.join(', ')}`);
  writeFileSync(here, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: ${Object.keys(lock.packages).length} packages, each with its checksum`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
