/**
 * The shortest history that still shows what the whole one shows, as far as leaving out steps can find it: first by
 * halves, then by ever smaller pieces, until no single step can go.
 */
export async function shortest<T>(
  history: readonly T[],
  stillShows: (shorter: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = history;
  for (let size = Math.ceil(kept.length / 2); size >= 1;) {
    const before = kept.length;
    for (let at = kept.length - size; at > -size; at -= size) {
      const shorter = [...kept.slice(0, Math.max(0, at)), ...kept.slice(at + size)];
      if (shorter.length < kept.length && (await stillShows(shorter))) kept = shorter;
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (kept.length === before) break;
  }
  return kept;
}
