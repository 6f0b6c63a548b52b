// npm run test:attacks                     everything, some minutes
// npm run test:attacks -- --seed 7 --only tokens   one family, as another run had it
// npm run test:attacks -- --short          what CI runs of it
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/root.mjs';
import { provideBuild } from '../faults/build.mjs';
import { Chance } from '../faults/chance.mjs';
import { cookies } from './cookies.mjs';
import { forms } from './forms.mjs';
import { fuzz } from './fuzz.mjs';
import { guessing } from './guessing.mjs';
import { leaks } from './leaks.mjs';
import { startTarget } from './target.mjs';
import { timing } from './timing.mjs';
import { tokens } from './tokens.mjs';

/** In this order: what leaks is looked for in all that came before. Each gives what did not hold, in sentences. */
const FAMILIES = { tokens, cookies, fuzz, forms, timing, guessing, leaks };

const { values } = parseArgs({
  options: { seed: { type: 'string' }, only: { type: 'string' }, short: { type: 'boolean' } },
});
const seed = Number(values.seed ?? Date.now() % 100_000);
const wanted = values.only?.split(',') ?? Object.keys(FAMILIES);
const say = (text) => process.stdout.write(`${text}\n`);
if (!Number.isSafeInteger(seed) || wanted.some((name) => !Object.hasOwn(FAMILIES, name))) {
  say(`--only takes ${Object.keys(FAMILIES).join(', ')}; --seed a whole number.`);
  process.exit(1);
}

execFileSync(process.execPath, [`${root}scripts/ensure-system.mjs`, 'redis-server', 'postgres'], { stdio: 'inherit' });
await provideBuild({ quick: values.short === true });
say(`Seed ${seed}${values.short ? ', short' : ''}, Node ${process.version}.`);
const target = await startTarget();
let missed = 0;
try {
  for (const name of wanted) {
    const started = performance.now();
    const { count, faults } = await FAMILIES[name](target, new Chance(seed, name), values.short === true);
    const alive = await target.isAlive();
    if (!alive) faults.push('the service is not alive any more');
    missed += faults.length;
    const took = ((performance.now() - started) / 1000).toFixed(1);
    say(`${faults.length === 0 ? 'held  ' : 'MISSED'} ${name}: ${count.toLocaleString('en')} tried, ${took} s`);
    for (const fault of faults.slice(0, 20)) say(`         ${fault}`);
    if (!alive) break;
  }
} finally {
  await target.stop();
}
say(`Seed ${seed}: ${missed === 0 ? 'everything held.' : `${missed} did not hold.`}`);
process.exit(missed === 0 ? 0 : 1);
