/** How many letters may differ: a slip of the fingers, in a name long enough not to be another word. */
const slipsIn = (name: string): number => (name.length < 4 ? 0 : name.length < 8 ? 1 : 2);

/**
 * The known name that somebody most likely meant, or undefined if none is near.
 * @example closest('ACESS_TTL', ['ACCESS_TTL', 'PORT']) // 'ACCESS_TTL'
 */
export function closest(name: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, slips: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, slips }) => slips <= slipsIn(candidate));
  return near.toSorted((a, b) => a.slips - b.slips)[0]?.candidate;
}

/** Letters to insert, drop, replace or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edits = [row[j - 1]! + 1, rows[i - 1]![j]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1)];
      row.push(Math.min(...edits, ...(swapped ? [rows[i - 2]![j - 2]! + 1] : [])));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
