// npm run check:package, after npm run package: publint and "are the types wrong" look at the packed package as hosts
// would install it. They have a package.json of their own, so that nobody installs them who does not publish.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const packed = fileURLToPath(new URL('../dist/package', import.meta.url));
const run = (command, args, options = {}) => execFileSync(command, args, { cwd: here, stdio: 'inherit', ...options });

if (!existsSync(`${here}node_modules/publint`)) run('npm', ['ci', '--no-audit', '--no-fund']);
const scratch = mkdtempSync(join(tmpdir(), 'keyturn-pack-'));
try {
  run('npm', ['pack', '--silent', '--pack-destination', scratch], {
    cwd: packed,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const tarball = join(scratch, readdirSync(scratch)[0]);
  run(process.execPath, ['node_modules/publint/src/cli.js', tarball, '--strict']);
  run(process.execPath, ['node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--format', 'table-flipped']);
} catch {
  // The tools have said what is wrong.
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
