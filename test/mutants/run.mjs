import { parseArgs } from 'node:util';
import { Chance } from '../faults/chance.mjs';
import { Copy } from './copy.mjs';
import { runJest } from './jest-run.mjs';
import { MUTANTS } from './list/index.mjs';

/*
 * npm run test:mutants [-- --only healing --only "feed: lost"] [-- --sample 8] [-- --seed 7]
 *
 * Puts each mutant into a copy of the sources, one at a time, and runs the tests that should notice. A mutant is killed
 * when an assertion fails; a syntax error, a crash or a test that does not end kills nothing. Exit code 1 when one lives.
 */
const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, sample: { type: 'string' }, seed: { type: 'string' } },
});
const LIMIT = 300_000;
const EVENTUALLY = 8_000;
const say = (line) => process.stdout.write(`${line}\n`);

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const named = MUTANTS.filter(({ area, name }) =>
  (values.only ?? ['']).some((part) => `${area}: ${name}`.includes(part)),
);
const chosen = values.sample ? sampleOf(named, Number(values.sample), new Chance(seed, 'mutants')) : named;

function sampleOf(mutants, count, chance) {
  const left = [...mutants];
  const taken = Array.from({ length: Math.min(count, left.length) }, () => {
    const [mutant] = left.splice(chance.between(0, left.length - 1), 1);
    return mutant;
  });
  return taken.sort((a, b) => mutants.indexOf(a) - mutants.indexOf(b));
}

const copy = new Copy();
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => copy.remove());

const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests))];
say(`${chosen.length} mutants of ${MUTANTS.length}, seed ${seed}. First all their tests without a mutant …`);
const sound = await runJest(copy.folder, tests, LIMIT * 2);
if (sound.failed.length > 0 || sound.broken.length > 0 || sound.passed === 0) {
  say(`They do not pass:\n${[...sound.failed, ...sound.broken].join('\n')}`);
  process.exit(1);
}

let living = 0;
const table = [];
for (const mutant of chosen) {
  const started = performance.now();
  const takeOut = copy.put(mutant);
  const { killedBy, failed, broken } = await runJest(copy.folder, mutant.tests, LIMIT, EVENTUALLY);
  takeOut();
  const took = `${Math.round((performance.now() - started) / 1000)} s`;
  if (killedBy.length > 0) {
    const more = killedBy.length > 1 ? ` (and ${killedBy.length - 1} more)` : '';
    say(`killed   ${mutant.area}: ${mutant.name}, by "${killedBy[0]}"${more}, ${took}`);
    table.push(`| ${[mutant.area, mutant.name, mutant.breaks, killedBy[0]].join(' | ')} |`);
    continue;
  }
  living += 1;
  const why =
    [...failed, ...broken].length > 0
      ? `no assertion failed, but: ${[...failed, ...broken].join('; ')}`
      : 'no test noticed';
  say(`LIVES    ${mutant.area}: ${mutant.name} (${mutant.breaks}): ${why}, ${took}`);
}
// As Markdown: what the terminal shows can be pasted into docs/reliability.md.
say(['| area | fault | breaks | killed by |', '| --- | --- | --- | --- |', ...table].join('\n'));
say(`${chosen.length - living} of ${chosen.length} killed, seed ${seed}`);
process.exitCode = living > 0 ? 1 : 0;
