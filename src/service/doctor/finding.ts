/** `bad`: something fails, or will; `warn`: it works, and something can be lost by it. */
export type FindingState = 'ok' | 'warn' | 'bad';

/** What one look has found. */
export interface Finding {
  readonly area: 'settings' | 'Redis' | 'PostgreSQL' | 'keys' | 'address';
  readonly check: string;
  readonly state: FindingState;
  /** What is there; where it is not well, what that means and what to do. */
  readonly says: string;
}

/** Findings of one area. */
export const findingsOf =
  (area: Finding['area']) =>
  (check: string, state: FindingState, says: string): Finding => ({ area, check, state, says });

/** The table that `keyturn doctor` prints. */
export function findingsTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ state, area, check, says }) => [state, area, check, says] as const);
  const [state, area, check] = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => `${row[0].padEnd(state!)}  ${row[1].padEnd(area!)}  ${row[2].padEnd(check!)}  ${row[3]}\n`)
    .join('');
}

/** 0: all is well; 3: warnings; 1: something is bad. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 3 {
  if (findings.some(({ state }) => state === 'bad')) return 1;
  return findings.some(({ state }) => state === 'warn') ? 3 : 0;
}

/** The middle one of some measured times, milliseconds. */
export async function medianTime(times: number, ask: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const since = performance.now();
    await ask();
    took.push(performance.now() - since);
  }
  return took.toSorted((a, b) => a - b)[Math.floor(times / 2)]!;
}

export const inWords = (milliseconds: number): string => `${Number(milliseconds.toPrecision(2))} ms`;
