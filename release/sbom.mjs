// npm run sbom, after npm run package: software bills of materials (CycloneDX) as files in dist/. That of the library
// names what npm resolves for a host today; that of the service names what its image holds, by the lock file.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const npm = (cwd, ...args) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'inherit'] });

function write(name, cwd) {
  const bill = npm(cwd, 'sbom', '--package-lock-only', '--omit', 'dev', '--sbom-format', 'cyclonedx');
  writeFileSync(`${root}dist/${name}.cdx.json`, bill);
  console.log(`dist/${name}.cdx.json: ${JSON.parse(bill).components.length} components`);
}

npm(`${root}dist/package`, 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
write('keyturn', `${root}dist/package`);
write('keyturn-service', root);
