/**
 * What a promise gives, unless it takes longer than `milliseconds`: then what `late` throws. What the promise does later
 * is ignored; it must be harmless by itself.
 *
 * A process that stood still did not give the other side its time: Node runs its timers before it reads what came in
 * meanwhile. So the time counts in two halves, of which the second begins after the standstill, and what has come by the
 * end of it is read before the promise is given up.
 *
 * @example
 * ```ts
 * const user = await within(3_000, loadUser(id), () => new Error('loading the user took too long'));
 * ```
 */
export function within<T>(milliseconds: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const half = Math.max(0, milliseconds / 2);
    const giveUp = (): void => void setImmediate(() => reject(late()));
    let timer = setTimeout(() => (timer = setTimeout(giveUp, half)), half);
    const settle =
      <Result>(how: (result: Result) => void) =>
      (result: Result): void => {
        clearTimeout(timer);
        how(result);
      };
    promise.then(settle(resolve), settle(reject));
  });
}
