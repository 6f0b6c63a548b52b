import { explore } from './explore.js';
import type { Exploration } from './explore.js';
import { invariants } from './invariants.js';
import type { Invariant } from './invariants.js';
import { RotationModel } from './model.js';
import { mutants, rulesOf } from './mutants.js';
import { intended } from './rules.js';
import type { Rules, Scenario } from './rules.js';
import { scenarios, wider } from './scenarios.js';

/** Steps that every run walks at least. */
const DEPTH = 12;
/** `MODEL_DEPTH=13 npx jest test/model` is the long run: deeper, and more of everything in each scenario. */
const long = process.env.MODEL_DEPTH !== undefined;
const depth = Math.max(DEPTH, Number(process.env.MODEL_DEPTH ?? DEPTH));
/** `MODEL_TRACE=grandparent npx jest test/model` prints how the mutants of that name fail; `MODEL_TRACE=` prints all. */
const traced = process.env.MODEL_TRACE;

jest.setTimeout(3_600_000);

const report: string[] = [];
const line = (...columns: readonly (string | number)[]): number => report.push(`  ${columns.join('  ')}`);
afterAll(() => process.stdout.write(`${report.join('\n')}\n`));

/** The shortest way to a violation, told without the symmetry that exchanges the tabs. */
const counterExample = (scenario: Scenario, rules: Rules): string =>
  explore(new RotationModel(scenario, rules, false), depth + 4).violation?.trace.join('\n      ') ?? '';

describe('every interleaving keeps the invariants of the protocol', () => {
  const runs = new Map<string, Exploration<Invariant>>();

  beforeAll(() => {
    for (const [key, usual] of Object.entries(scenarios) as [keyof typeof scenarios, Scenario][]) {
      const scenario = long ? { ...usual, ...wider[key] } : usual;
      const run = explore(new RotationModel(scenario, intended), depth);
      runs.set(scenario.name, run);
      const found = run.violation && `broken: ${run.violation.rules.map(({ number }) => number).join(', ')}`;
      line(
        String(run.states).padStart(10),
        'states',
        String(run.depth).padStart(3),
        'steps',
        scenario.name,
        found ?? '',
      );
      if (found) line(`\n      ${counterExample(scenario, intended)}`);
    }
  });

  test.each(invariants)('invariant $number: $says', ({ number }) => {
    const broken = [...runs].filter(([, run]) => run.violation?.rules.some((rule) => rule.number === number));
    expect(broken.map(([name, run]) => [name, run.violation?.trace])).toEqual([]);
  });

  test('a million states and twelve steps deep, so that a green run means something', () => {
    const states = [...runs.values()].reduce((sum, run) => sum + run.states, 0);
    line(String(states).padStart(10), 'states in all\n');
    expect(states).toBeGreaterThanOrEqual(1_000_000);
    for (const run of runs.values()) expect(run.complete || run.depth >= DEPTH).toBe(true);
  });
});

describe('each known fault, put back in, is refused by a named invariant', () => {
  test.each(mutants)('$name: invariant $killedBy', (mutant) => {
    const { scenario, killedBy, name } = mutant;
    const { states, violation } = explore(new RotationModel(scenario, rulesOf(mutant)), depth);
    const broken = violation?.rules.map(({ number }) => number) ?? [];
    line(
      String(states).padStart(10),
      'states',
      String(violation?.trace.length).padStart(3),
      'steps',
      `${name}: ${broken.join(', ')}`,
    );
    if (traced !== undefined && name.includes(traced)) line(`    ${counterExample(scenario, rulesOf(mutant))}`);
    expect(broken).toContain(killedBy);
  });

  test('no invariant is one that nothing could break', () => {
    const killing = new Set(mutants.map(({ killedBy }) => killedBy));
    expect(invariants.filter(({ number }) => !killing.has(number))).toEqual([]);
  });
});
