/**
 * Whether work settles within so many milliseconds, by a timer of this process that starts with it. A busy machine makes
 * both late, so it does not fail a test as a measured time would.
 */
export async function settlesWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let isInTime = true;
  // What had arrived by then is read before `setImmediate`.
  const timer = setTimeout(() => setImmediate(() => (isInTime = false)), milliseconds);
  await work.then(
    () => undefined,
    () => undefined,
  );
  clearTimeout(timer);
  return isInTime;
}
