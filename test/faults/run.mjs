// npm run test:faults                              everything: on a small host, and shorter on the service
// npm run test:faults -- --seed 7 --only cuts      one family of rows, as another run had it
// npm run test:faults -- --only each --row '100 ms'  those rows alone whose name holds the words
// npm run test:faults -- --host service            on the service as it is shipped alone
// npm run test:faults -- --short                   what `npm test` runs of it
import { parseArgs } from 'node:util';
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { root } from '../../scripts/root.mjs';
import { provideBuild } from './build.mjs';
import { FAMILIES } from './rows/index.mjs';
import { judge, runRow, sizeOf } from './row.mjs';
import { asTable } from './table.mjs';

const HOSTS = ['small', 'service'];
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    only: { type: 'string' },
    short: { type: 'boolean' },
    row: { type: 'string' },
    host: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Date.now() % 100_000);
const short = values.short === true;
const wanted = values.only?.split(',') ?? Object.keys(FAMILIES);
const unknown = wanted.filter((name) => !Object.hasOwn(FAMILIES, name));
const hosts = values.host?.split(',') ?? HOSTS;
const say = (text) => process.stdout.write(`${text}\n`);

if (unknown.length > 0 || !Number.isSafeInteger(seed) || !hosts.every((host) => HOSTS.includes(host))) {
  say(`--only takes ${Object.keys(FAMILIES).join(', ')}; --seed a whole number; --host ${HOSTS.join(' or ')}.`);
  process.exit(1);
}

const rows = wanted
  .flatMap((family) => FAMILIES[family])
  .filter(({ name }) => name.includes(values.row ?? ''))
  .flatMap((row) => hosts.map((host) => ({ row, host })))
  .filter(({ row, host }) => sizeOf(row, { short, host }) > 0);
if (rows.length === 0) {
  say('No row is meant: ask for another family or another --row, or leave --short or --host out.');
  process.exit(1);
}
execFileSync(process.execPath, [`${root}scripts/ensure-system.mjs`, 'redis-server'], { stdio: 'inherit' });
await provideBuild({ quick: short });
const load = loadavg()[0].toFixed(1);
say(`Seed ${seed}, ${rows.length} rows, Node ${process.version}, load average ${load}.`);
const results = [];
for (const { row, host } of rows) {
  const result = await runRow(row, { seed, short, host });
  const misses = judge(row, result, short ? 10 : 1);
  results.push({ row, host, result, misses });
  say(
    `${misses.length === 0 ? 'held  ' : 'MISSED'} ${row.name}, ${host} (${(result.took / 1000).toFixed(1)} s, ${result.tally.history.size} in the history)`,
  );
  for (const line of [...misses, ...(misses.length > 0 ? result.tally.examples : [])]) say(`         ${line}`);
}
say(`\n${asTable(results)}`);
const missed = results.filter(({ misses }) => misses.length > 0).length;
say(`\nSeed ${seed}: ${missed === 0 ? 'every row held.' : `${missed} of ${results.length} rows missed their target.`}`);
// Not by process.exitCode: a handle that a row left open must not keep a finished run waiting.
process.exit(missed === 0 ? 0 : 1);
