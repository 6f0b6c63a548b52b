import { AREAS } from '../mutants/list/index.mjs';
import { explore, type System } from './explore.js';
import type { Invariant } from './invariants.js';
import { RotationModel } from './model.js';
import { mutatedSource } from './mutated-source.js';
import { intended, type Rules } from './rules.js';
import { scenarios } from './scenarios.js';

/** Deep enough for each of them: the shortest way to a violation is at most this long. */
const DEPTH = 12;

jest.setTimeout(600_000);

/** The same world, judged by one invariant alone: others may be broken sooner. */
const only = (model: RotationModel, number: number | string): System<Invariant> => ({
  width: model.width,
  initial: model.initial,
  actions: model.actions,
  step: (...taken) => model.step(...taken)?.filter((rule) => rule.number === number) ?? null,
});

const { file, mutants } = AREAS.rotation!;
const cases = mutants.flatMap((mutant) => (mutant.model ? [{ ...mutant, ...mutant.model }] : []));

describe('the model runs the rotation rule that ships: a fault in its source breaks a named invariant', () => {
  it('covers every mutant of the rule', () => {
    expect(mutants.filter(({ model }) => !model)).toEqual([]);
  });

  it.each(cases)('$name: invariant $killedBy', (mutant) => {
    const { decideRotation } = mutatedSource<{ decideRotation: Rules['decide'] }>(file, mutant);
    const scenario = scenarios[mutant.scenario as keyof typeof scenarios];
    const model = new RotationModel(scenario, { ...intended, decide: decideRotation });
    const { violation } = explore(only(model, mutant.killedBy), DEPTH);
    expect(violation?.rules.map(({ number }) => number)).toEqual([mutant.killedBy]);
  });
});
