// npm run bench:quick                 within a minute: fails when counts or ratios are grossly worse than recorded
// npm run bench:quick -- --update     records the counts that are seen now in bench/quick/record.json
// npm run bench:quick -- --update --ratios
//                                     records the ratios too: on a quiet machine
//
// No time is judged, since that would judge the machine: counts (files loaded, Redis commands, bytes) and ratios of CPU
// times within this run.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startPostgresServer } from '../test/support/postgres-process.mjs';
import { describeLoad, describeMachine, pinLoadGenerator } from './machine.mjs';
import { countCommands } from './quick/commands.mjs';
import { countModules } from './quick/modules.mjs';
import { measureRatios } from './quick/ratios.mjs';
import { isGross, regressions } from './quick/regressions.mjs';
import { startTheRest } from './quick/starts.mjs';
import { startRedis } from './redis.mjs';
import { sessionBytes } from './store.mjs';

await import('../scripts/build-if-needed.mjs');
const record = new URL('quick/record.json', import.meta.url);
const recorded = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
const flag = { type: 'boolean', default: false };
const { values } = parseArgs({ options: { update: flag, ratios: flag } });
const started = performance.now();
console.log(`${describeMachine()}\n${describeLoad()}`);

/** On a busy machine one run may be far off: what looks like a regression is measured once more, and the better counts. */
async function ratiosBySecondSight() {
  const first = await measureRatios();
  const { ratios: known = {} } = recorded;
  if (!Object.keys(first).some((name) => isGross(known[name], first[name]))) return first;
  console.log('a ratio is far below its record: all are measured once more');
  const second = await measureRatios();
  return Object.fromEntries(Object.keys(first).map((name) => [name, Math.max(first[name], second[name])]));
}

/** The same for commands: a script that meets the end of a millisecond sends one more now and then, on a busy machine more often. */
async function commandsBySecondSight() {
  const first = await countCommands();
  if (regressions(recorded, { ...recorded, commands: first }).length === 0) return first;
  console.log('a command was counted more often than its record: all are counted once more');
  const second = await countCommands();
  const lower =
    (name) =>
    ([command, times]) => [command, Math.min(times, second[name]?.[command] ?? times)];
  return Object.fromEntries(
    Object.entries(first).map(([name, counts]) => [name, Object.fromEntries(Object.entries(counts).map(lower(name)))]),
  );
}

const rounded = (numbers, digits) =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value.toFixed(digits))]));

async function countModulesOnServers() {
  const [redis, postgres] = [await startRedis(), await startPostgresServer()];
  await postgres.ready;
  const counts = await countModules({ redis: redis.url, postgres: postgres.url });
  await Promise.all([redis.stop(), postgres.stop()]);
  return counts;
}

// What is counted may be disturbed; what is timed may not.
const [modules, commands, bytes] = await Promise.all([
  countModulesOnServers(),
  commandsBySecondSight(),
  sessionBytes(),
  startTheRest(),
]);
pinLoadGenerator();
const ratios = rounded(await ratiosBySecondSight(), 2);
const seen = { modules, commands, bytes: rounded(bytes, 0), ratios };
const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);
for (const [way, { own, ...others }] of Object.entries(seen.modules))
  console.log(`${way}: ${own} files of ours, ${sum(others)} of ${Object.keys(others).length} packages`);
for (const [request, made] of Object.entries(seen.commands))
  console.log(
    `${request}: ${
      Object.entries(made)
        .map(([name, times]) => `${times} ${name}`)
        .join(', ') || 'no command'
    }`,
  );
for (const [name, size] of Object.entries(seen.bytes)) console.log(`sessions, ${name}: ${size} bytes`);
for (const [name, ratio] of Object.entries(seen.ratios)) console.log(`${name}: ${ratio} by CPU`);

if (values.update) {
  Object.assign(recorded, seen, { ratios: values.ratios ? seen.ratios : (recorded.ratios ?? seen.ratios) });
  writeFileSync(record, `${JSON.stringify(recorded, null, 2)}\n`);
  console.log('recorded in bench/quick/record.json');
}
const worse = regressions(recorded, seen);
console.log(`${Math.round((performance.now() - started) / 1000)} s, ${describeLoad()}`);
if (worse.length > 0) {
  console.error(`Grossly worse than bench/quick/record.json:\n  ${worse.join('\n  ')}`);
  console.error('If it is meant to be so, record it: npm run bench:quick -- --update');
  process.exitCode = 1;
}
