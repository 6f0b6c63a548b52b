import { setImmediate as turn } from 'node:timers/promises';
import { joinedLookups } from './joined-lookups.js';

const NAMES = new Map([
  ['1', 'Ada'],
  ['2', 'Bob'],
]);

function directory(names: ReadonlyMap<string, string> = NAMES) {
  const queries: (readonly string[])[] = [];
  const nameOf = joinedLookups(async (keys) => {
    queries.push(keys);
    return new Map(keys.flatMap((key) => (names.has(key) ? [[key, names.get(key)!]] : [])));
  });
  return { queries, nameOf };
}

describe('look-ups that are joined', () => {
  it('are one query for all of one turn of the event loop, with each key once', async () => {
    const { queries, nameOf } = directory();
    expect(await Promise.all([nameOf('1'), nameOf('2'), nameOf('1'), nameOf('3')])).toEqual([
      'Ada',
      'Bob',
      'Ada',
      null,
    ]);
    expect(queries).toEqual([['1', '2', '3']]);
  });

  it('never answer a look-up by a query that began before it', async () => {
    const names = new Map([['1', 'Ada']]);
    const pauses = [turn(), Promise.resolve()];
    const queries: string[][] = [];
    const nameOf = joinedLookups(async (keys) => {
      queries.push([...keys]);
      const found = new Map(names);
      // The first query has read, and its answer is on the way.
      await pauses.shift();
      return found;
    });
    const before = nameOf('1');
    while (queries.length === 0) await turn();
    names.set('1', 'Augusta');
    expect(await Promise.all([before, nameOf('1')])).toEqual(['Ada', 'Augusta']);
  });

  it('fail together with their query, and not the next ones', async () => {
    let faults = 1;
    const nameOf = joinedLookups(async (keys) => {
      if (faults-- > 0) throw new Error('The database is away.');
      return new Map(keys.map((key) => [key, NAMES.get(key)!]));
    });
    const outcomes = await Promise.allSettled([nameOf('1'), nameOf('2')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await nameOf('2')).toBe('Bob');
  });
});
