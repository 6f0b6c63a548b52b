import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../scripts/root.mjs';
import { startProcess } from '../../scripts/started-process.mjs';
import { packedLibrary } from '../packed.mjs';
import { productionSettings } from '../production.mjs';

const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
const counter = fileURLToPath(new URL('count-modules.mjs', import.meta.url));

/** Programs of one line: the library as it is published. The guard alone: the file of it, and what that needs. */
const programsOf = (library) => ({
  "require('keyturn')": ['cjs', `require('${library}/cjs/index.js');`],
  "import 'keyturn'": ['mjs', `import '${library}/esm/index.js';`],
  'the guard alone': ['mjs', `import '${root}dist/esm/guards/jwt-auth.guard.js';`],
  "import 'keyturn/client'": ['mjs', `import '${library}/esm/client/index.js';`],
});

/**
 * How many files each way to use Keyturn loads, by package; `own` are ours.
 * @param servers addresses of `redis` and `postgres`, for the service
 */
export async function countModules(servers) {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-modules-'));
  try {
    const counts = {};
    const list = join(folder, 'loaded.json');
    for (const [name, [extension, source]] of Object.entries(programsOf(packedLibrary()))) {
      const program = join(folder, `program.${extension}`);
      writeFileSync(program, source);
      const env = { ...process.env, MODULES_TO: list };
      execFileSync(process.execPath, ['--import', counter, program], { env, stdio: 'inherit', timeout: 60_000 });
      counts[name] = byPackage(list, program);
    }
    await runService(list, servers);
    counts['the service in production'] = byPackage(list);
    return counts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Until it has answered a login: what the first use loads counts as well. */
async function runService(list, servers) {
  const command = [process.execPath, '--import', counter, `${root}dist/esm/main.js`];
  const service = await startProcess({ command, env: { ...(await productionSettings(servers)), MODULES_TO: list } });
  const { status } = await fetch(`${service.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'nobody@example.com', password: 'not a password of anybody' }),
  });
  await service.stop();
  if (status !== 401) throw new Error(`A login of nobody was answered by ${status}.\n${service.log()}`);
}

/** Without what only development installs: Nest looks for some of its packages and takes what it finds. */
function byPackage(list, program) {
  const counts = new Map();
  for (const path of JSON.parse(readFileSync(list, 'utf8'))) {
    if (path === program || path === counter) continue;
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? 'own';
    const { dev, devOptional } = packages[`node_modules/${name}`] ?? {};
    if (dev || devOptional) continue;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
