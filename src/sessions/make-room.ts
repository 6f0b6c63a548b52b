/** Makes room for one more in what is bounded, by dropping what came first. For what is kept by best effort alone. */
export function makeRoom(kept: Map<unknown, unknown> | Set<unknown>, max: number): void {
  if (kept.size >= max) kept.delete(kept.keys().next().value);
}
