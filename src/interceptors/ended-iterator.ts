/**
 * An asynchronous iterable that fails when a signal fires, also while it waits for its next value; anything else as it
 * is. Not by `Promise.race`, which would keep something of each value until the signal fires.
 */
export function endedBy(source: unknown, signal: AbortSignal, error: () => Error): unknown {
  if (typeof source !== 'object' || source === null || !(Symbol.asyncIterator in source)) return source;
  const iterator = (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  const waiting = new Set<(reason: Error) => void>();
  let failed = false;
  const fail = (): void => {
    for (const reject of waiting) reject(error());
    failed ||= waiting.size > 0;
    waiting.clear();
    // Not awaited: a generator returns only after the value it is working on.
    void iterator.return?.();
  };
  const over = (): Promise<IteratorResult<unknown>> => {
    if (failed) return Promise.resolve({ done: true, value: undefined });
    failed = true;
    return Promise.reject(error());
  };
  if (signal.aborted) fail();
  else signal.addEventListener('abort', fail, { once: true });

  return {
    next: () => {
      if (signal.aborted) return over();
      return new Promise<IteratorResult<unknown>>((resolve, reject) => {
        waiting.add(reject);
        const done =
          <Value>(settle: (value: Value) => void) =>
          (value: Value): void => {
            waiting.delete(reject);
            settle(value);
          };
        iterator.next().then(done(resolve), done(reject));
      });
    },
    return: async (value?: unknown) => {
      signal.removeEventListener('abort', fail);
      await iterator.return?.(value);
      return { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
