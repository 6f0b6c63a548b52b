import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../scripts/root.mjs';
import { startProcess } from '../scripts/started-process.mjs';
import { startPostgresServer } from '../test/support/postgres-process.mjs';
import { productionSettings } from './production.mjs';
import { startRedis } from './redis.mjs';
import { interleave, middle, ratio, whole } from './rounds.mjs';
import { packageOf, selfTimes } from './start/profile.mjs';
import { productionTree } from './start/production-tree.mjs';
import { printTable } from './table.mjs';

const reporter = fileURLToPath(new URL('start/report-usage.mjs', import.meta.url));
const SHOWN = 15;
/** As `npm run start:prod` and the image start it. */
const FLAGS = /^exec node (--\S+) dist/
  .exec(JSON.parse(readFileSync(`${root}package.json`, 'utf8')).scripts['start:prod'])
  .slice(1);

/** What a start costs until the first ready answer, beside a bare Nest application: docs/performance.md, goal 8. */
export async function start({ rounds = 5, only = /./ }) {
  const tree = productionTree();
  const scratch = mkdtempSync(join(tmpdir(), 'keyturn-start-'));
  const [redis, postgres] = [await startRedis(), await startPostgresServer()];
  try {
    await postgres.ready;
    const cache = join(scratch, 'compiled');
    const service = `${tree}/dist/esm/main.js`;
    const production = await productionSettings({ redis: redis.url, postgres: postgres.url });
    const variants = [
      {
        name: 'bare Nest on Fastify',
        entry: `${tree}/bench/bare.mjs`,
        env: { NODE_ENV: 'production' },
        readyAt: '/',
        end: 'kill',
      },
      { name: 'Keyturn, Redis and PostgreSQL', entry: service, env: production, flags: FLAGS },
      { name: `the same without ${FLAGS.join(' ')}`, entry: service, env: production },
      ...(module.enableCompileCache
        ? [
            {
              name: 'the same, compiled before',
              entry: service,
              env: { ...production, NODE_COMPILE_CACHE: cache },
              flags: FLAGS,
            },
          ]
        : []),
      { name: 'the same with DOCS=on', entry: service, env: { ...production, DOCS: 'on' }, flags: FLAGS },
      {
        name: 'Keyturn, embedded, existing folder',
        entry: service,
        env: { DATA_DIR: join(scratch, 'data') },
        flags: FLAGS,
      },
    ].filter(({ name }, index) => index === 0 || only.test(name));
    // Migrations, the first unpacking, and the file system's cache are not a start's.
    for (const variant of variants) await oneStart(variant);
    report(await interleave(variants, rounds, (variant) => oneStart(variant)));
    await profile(variants[1], join(scratch, 'profile'));
  } finally {
    await Promise.all([redis.stop(), postgres.stop()]);
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function oneStart({ entry, env, readyAt, flags = [], end = 'stop' }, more = []) {
  const started = performance.now();
  const command = [process.execPath, '--import', reporter, ...flags, ...more, entry];
  const stdio = ['ignore', 'pipe', 'pipe', 'ipc'];
  const service = await startProcess({ command, env, readyAt, stdio });
  const milliseconds = performance.now() - started;
  service.child.send('usage');
  const [usage] = await once(service.child, 'message');
  service.child.disconnect();
  // In good order: what was compiled, and a profile, are written at the end.
  await service[end]();
  return { ...usage, milliseconds };
}

function report(samples) {
  const [reference] = samples.values();
  const rows = [...samples].map(([{ name }, own]) => ({
    start: name,
    'CPU ms': whole(middle(own, 'cpu')),
    'of bare, by CPU': ratio(own, reference, 'cpu').toFixed(2),
    'ready after ms': whole(middle(own, 'milliseconds')),
    'memory MB': whole(middle(own, 'memory')),
    'of bare, memory': ratio(own, reference, 'memory').toFixed(2),
  }));
  printTable('Start until ready, production packages alone', rows);
}

/** Where the time of one start goes. */
async function profile(variant, folder) {
  await oneStart(variant, ['--cpu-prof', `--cpu-prof-dir=${folder}`]);
  const files = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
  const times = new Map();
  for (const [url, time] of files.flatMap(selfTimes)) {
    const name = packageOf(url);
    times.set(name, (times.get(name) ?? 0) + time);
  }
  const rows = [...times]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, time]) => ({ code: name, 'self ms': (time / 1000).toFixed(1) }));
  printTable(`${variant.name}: where the time of one start goes`, rows);
}
