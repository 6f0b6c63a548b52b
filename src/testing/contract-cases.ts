/** One promise of a contract. Hand it to the `it` or `test` of any test runner. */
export interface ContractCase {
  /** What the case promises, for the name of a test. */
  readonly name: string;
  /** Rejects with an `AssertionError` when the promise is broken. */
  readonly run: () => Promise<void>;
}

/** What a contract is written with, as tests are. */
export interface CaseWriter {
  readonly describe: (chapter: string, write: () => void) => void;
  readonly it: (name: string, run: () => Promise<void>) => void;
  /** A case for each row; the first `%s` of the name is the row's first member, the second one its second. */
  readonly each: <First extends string, Second = undefined>(
    rows: readonly (readonly [first: First, second: Second])[],
    name: string,
    run: (first: First, second: Second) => Promise<void>,
  ) => void;
}

/** The cases that `write` writes, each named with its chapter. */
export function casesOf(write: (writer: CaseWriter) => void): readonly ContractCase[] {
  const cases: ContractCase[] = [];
  let chapter = '';
  const it: CaseWriter['it'] = (name, run) => void cases.push({ name: `${chapter}${name}`, run });
  write({
    describe: (name, chapterOf) => {
      chapter = `${name} `;
      chapterOf();
      chapter = '';
    },
    it,
    each: (rows, name, run) => {
      for (const [first, second] of rows) {
        it(name.replace('%s', first).replace('%s', String(second)), () => run(first, second));
      }
    },
  });
  return cases;
}
