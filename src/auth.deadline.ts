/**
 * What a promise gives, unless it takes longer than `milliseconds`: then what `late` throws. What the promise does later
 * is ignored; it must be harmless by itself.
 *
 * @example
 * ```ts
 * const user = await within(3_000, loadUser(id), () => new Error('loading the user took too long'));
 * ```
 */
export function within<T>(milliseconds: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), Math.max(0, milliseconds));
    const settle =
      <Result>(how: (result: Result) => void) =>
      (result: Result): void => {
        clearTimeout(timer);
        how(result);
      };
    promise.then(settle(resolve), settle(reject));
  });
}
