import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AREAS, MUTANTS } from './list/index.mjs';
import { mutate } from './mutants.mjs';

/** What runs them is `npm run test:mutants`; here it is seen that the list fits the sources of today. */
describe('the named mutants', () => {
  it('are at least five of each area', () => {
    const counts = Object.entries(AREAS).map(([area, { mutants }]) => [area, mutants.length >= 5]);
    expect(counts).toEqual(Object.keys(AREAS).map((area) => [area, true]));
  });

  it.each(MUTANTS.map((mutant) => [`${mutant.area}: ${mutant.name}`, mutant] as const))(
    'fit the sources: %s',
    (_name, mutant) => {
      const source = readFileSync(join(__dirname, '../..', mutant.file), 'utf8');
      expect(mutate(mutant, source)).not.toBe(source);
    },
  );

  it('have a name of their own, and say what they break and which tests should notice', () => {
    expect(new Set(MUTANTS.map(({ area, name }) => `${area}: ${name}`)).size).toBe(MUTANTS.length);
    expect(MUTANTS.filter(({ breaks, tests }) => breaks.length < 10 || tests.length === 0)).toEqual([]);
  });
});
