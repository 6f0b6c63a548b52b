// npm run test:faults                              everything, about ten minutes
// npm run test:faults -- --seed 7 --only cuts      one family of rows, as another run had it
// npm run test:faults -- --only each --row '100 ms'  those rows alone whose name holds the words
// npm run test:faults -- --short                   what `npm test` runs of it
import { parseArgs } from 'node:util';
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { root } from '../../scripts/root.mjs';
import { provideBuild } from './build.mjs';
import { FAMILIES } from './rows/index.mjs';
import { judge, runRow } from './row.mjs';
import { asTable } from './table.mjs';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, only: { type: 'string' }, short: { type: 'boolean' }, row: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 100_000);
const short = values.short === true;
const wanted = values.only?.split(',') ?? Object.keys(FAMILIES);
const unknown = wanted.filter((name) => !Object.hasOwn(FAMILIES, name));
const say = (text) => process.stdout.write(`${text}\n`);

if (unknown.length > 0 || !Number.isSafeInteger(seed)) {
  say(`--only takes ${Object.keys(FAMILIES).join(', ')}; --seed a whole number.`);
  process.exit(1);
}

execFileSync(process.execPath, [`${root}scripts/ensure-system.mjs`, 'redis-server'], { stdio: 'inherit' });
await provideBuild({ quick: short });

const rows = wanted
  .flatMap((family) => FAMILIES[family])
  .filter((row) => !short || row.sizes.short > 0)
  .filter(({ name }) => name.includes(values.row ?? ''));
const load = loadavg()[0].toFixed(1);
say(`Seed ${seed}, ${rows.length} rows, Node ${process.version}, load average ${load}.`);
const results = [];
for (const row of rows) {
  const result = await runRow(row, { seed, short });
  const misses = judge(row, result, short ? 4 : 1);
  results.push({ row, result, misses });
  say(`${misses.length === 0 ? 'held  ' : 'MISSED'} ${row.name} (${(result.took / 1000).toFixed(1)} s)`);
  for (const line of [...misses, ...(misses.length > 0 ? result.tally.examples : [])]) say(`         ${line}`);
}
say(`\n${asTable(results)}`);
const missed = results.filter(({ misses }) => misses.length > 0).length;
say(`\nSeed ${seed}: ${missed === 0 ? 'every row held.' : `${missed} of ${results.length} rows missed their target.`}`);
// Not by process.exitCode: a handle that a row left open must not keep a finished run waiting.
process.exit(missed === 0 ? 0 : 1);
