/**
 * Everything that a test file starts (services, servers, processes) is registered here, and what its tests did not stop
 * is stopped at the end of the file. A test that fails or runs out of time therefore leaves nothing running that could
 * fail later, outside any test.
 */
const starting = new Set<Promise<unknown>>();
const running = new Set<() => Promise<unknown>>();
const faults: Error[] = [];

/**
 * Registers what is being started. The function that ends it may be called any number of times and works once.
 * @param end the name of the function that ends it
 * @example return registered(startServer(), 'stop');
 */
export async function registered<K extends string, T extends Readonly<Record<K, () => Promise<void>>>>(
  start: Promise<T>,
  end: K,
): Promise<T> {
  starting.add(start);
  try {
    const started = await start;
    let ended: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      running.delete(stop);
      return (ended ??= started[end]());
    };
    running.add(stop);
    return { ...started, [end]: stop };
  } finally {
    starting.delete(start);
  }
}

/** What went wrong outside a test's own calls; the file fails by it at its end. */
export const reportFault = (fault: Error): void => void faults.push(fault);

/** Stops what is still running, what was started last first: a service before the servers that it uses. */
export async function stopAll(): Promise<void> {
  await Promise.allSettled(starting);
  for (const stop of [...running].toReversed()) await stop().catch(reportFault);
  if (faults.length > 0) throw new AggregateError(faults.splice(0), 'A fault outside the tests of this file');
}
