// npm run walk                      does what the docs say to new users, and prints the seconds of each step
// npm run walk -- --only service    from an empty folder to the end of the service's tour; also nest12, nest11
// npm run walk -- --only add12,add11    what `nest add keyturn` does to a fresh application; not done without being asked
//
// It ends with an exit code other than 0 at the first command that fails and at the first value that is empty. It fetches
// packages from the registry, as new users do; the service is cloned and installed with an empty cache.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/root.mjs';
import { countCommands, walkLibrary } from './library.mjs';
import { walkNestAdd } from './nest-add.mjs';
import { walkService } from './service.mjs';

const PARTS = ['service', 'nest12', 'nest11'];
const BY_HAND = ['add12', 'add11'];
const { values } = parseArgs({ options: { only: { type: 'string' } } });
const wanted = values.only?.split(',') ?? PARTS;
const unknown = wanted.filter((part) => ![...PARTS, ...BY_HAND].includes(part));
if (unknown.length > 0) {
  process.stderr.write(`walk: --only takes ${[...PARTS, ...BY_HAND].join(', ')}\n`);
  process.exit(1);
}

execFileSync(process.execPath, [`${root}scripts/ensure-system.mjs`, 'curl', 'zsh'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const scratch = mkdtempSync(join(tmpdir(), 'keyturn-walk-'));
const closing = [async () => rmSync(scratch, { recursive: true, force: true })];
try {
  const versionsOf = (part) => wanted.filter((name) => name.startsWith(part)).map((name) => name.slice(part.length));
  const [pasted, added] = [versionsOf('nest'), versionsOf('add')];
  if (pasted.length > 0) {
    process.stdout.write(`walk: the quick start of the library has ${countCommands()} commands\n`);
  }
  const tarball = pasted.length + added.length > 0 ? await packed() : undefined;
  // At once: `npm ci` with an empty cache and `nest new` mostly wait for the registry.
  await Promise.all([
    wanted.includes('service') && walkService({ scratch, closing }),
    ...pasted.map((version) => walkLibrary(version, { scratch, tarball, closing })),
  ]);
  for (const version of added) await walkNestAdd(version, { scratch, tarball, closing });
  process.stdout.write('walk: everything is as the docs say\n');
} catch (error) {
  process.stderr.write(`walk: FAILED: ${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  process.exitCode = 1;
} finally {
  for (const close of closing.toReversed()) await close();
}
// Not left to a kept connection.
process.exit();

async function packed() {
  await import('../../scripts/build-if-needed.mjs');
  await import('../../scripts/package.mjs');
  const options = { cwd: `${root}dist/package`, stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync('npm', ['pack', '--loglevel', 'error', '--pack-destination', scratch], options);
  return join(
    scratch,
    readdirSync(scratch).find((name) => name.endsWith('.tgz')),
  );
}
