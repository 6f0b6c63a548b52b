/** How many letters may differ: a slip of the fingers, in a name long enough not to be another word. */
const slipsIn = (name: string): number => (name.length < 4 ? 0 : name.length < 8 ? 1 : 2);

/**
 * The known name that somebody most likely meant, or undefined if none is near; of equally near ones the first. Quick,
 * since a start asks it about every variable of the environment.
 * @example closest('ACESS_TTL', ['ACCESS_TTL', 'PORT']) // 'ACCESS_TTL'
 */
export function closest(name: string, known: readonly string[]): string | undefined {
  const given = name.toLowerCase();
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const other of known) {
    const most = Math.min(slipsIn(other), fewest - 1);
    // The first looks are quick: each letter more or less is a slip, and so is each that the other does not have.
    if (Math.abs(other.length - given.length) > most) continue;
    const meant = other.toLowerCase();
    if ([...given].filter((letter) => !meant.includes(letter)).length > most) continue;
    const slips = slipsBetween(given, meant, most);
    if (slips < fewest) [nearest, fewest] = [other, slips];
  }
  return nearest;
}

/**
 * How many letters are inserted, dropped, replaced or swapped with their neighbour; Infinity for more than `most`.
 * Letters that are the same cost nothing, so it tries the four slips only where two differ.
 */
function slipsBetween(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return Infinity;
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  if (same === a.length && same === b.length) return 0;
  if (most === 0) return Infinity;
  const [restA, restB] = [a.slice(same), b.slice(same)];
  const after = (fromA: number, fromB: number): number =>
    1 + slipsBetween(restA.slice(fromA), restB.slice(fromB), most - 1);
  const areSwapped = restA[0] === restB[1] && restA[1] === restB[0];
  return Math.min(after(1, 1), after(1, 0), after(0, 1), areSwapped ? after(2, 2) : Infinity);
}
