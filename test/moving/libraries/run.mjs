// npm run test:moving: a thousand live sessions of each kind (test/moving/moving.spec.ts), then hosts with published
// session libraries, which move by the code that docs/moving-in.md shows.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { root } from '../../../scripts/root.mjs';
import { startRedis } from '../../faults/redis.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({
  options: { users: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const say = (text) => process.stdout.write(`moving: ${text}\n`);

const env = { ...process.env, MOVING_USERS: values.users, MOVING_SEED: values.seed };
if (values.users !== '0') {
  execFileSync('npx', ['jest', '--maxWorkers=1', 'test/moving'], { cwd: root, env, stdio: 'inherit' });
}

if (!existsSync(join(here, 'node_modules'))) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: here, stdio: 'inherit' });
}
await import('../../../scripts/build-if-needed.mjs');

const scratch = mkdtempSync(join(here, 'node_modules', '.guides-'));
const redis = await startRedis();
let failed = 0;
try {
  for (const name of ['express-session', 'better-auth']) {
    const guide = { ...(await compiled(name)), ...(await compiled('cookie-sessions')) };
    try {
      const { play } = await import(`./${name}.mjs`);
      await play({ redisUrl: redis.url, guide });
      say(`${name}: ok`);
    } catch (error) {
      failed++;
      say(`${name}: FAILED\n${error.stack}`);
    }
  }
} finally {
  await redis.stop();
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);

/** A file of the guide as a module; `keyturn` is the built library. */
async function compiled(name) {
  const outfile = join(scratch, `${name}.mjs`);
  const library = pathToFileURL(`${root}dist/esm/index.js`).href;
  const keyturn = {
    name: 'keyturn',
    setup: ({ onResolve }) => onResolve({ filter: /^keyturn$/ }, () => ({ path: library, external: true })),
  };
  await build({
    entryPoints: [`${root}test/moving/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [keyturn],
  });
  return import(pathToFileURL(outfile).href);
}
