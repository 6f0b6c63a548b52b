import { setImmediate as turn } from 'node:timers/promises';
import { endedBy } from './ended-iterator.js';

const over = (): Error => new Error('over');

describe('an iterable that ends by a signal', () => {
  const started = (source: unknown) => {
    const controller = new AbortController();
    const wrapped = endedBy(source, controller.signal, over) as AsyncIterableIterator<number>;
    return { controller, wrapped };
  };
  async function* numbers(returned: () => void = () => undefined) {
    try {
      for (let number = 1; ; number++) yield number;
    } finally {
      returned();
    }
  }

  it('gives what its source gives, while nothing ends it', async () => {
    const { wrapped } = started(
      (async function* () {
        yield* [1, 2, 3];
      })(),
    );
    const got: number[] = [];
    for await (const number of wrapped) got.push(number);
    expect(got).toEqual([1, 2, 3]);
  });

  it('fails while it waits for a value that may never come, and lets the source go', async () => {
    const returned = jest.fn(async () => ({ done: true, value: undefined }));
    const silent = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined), return: returned }),
    };
    const { controller, wrapped } = started(silent);
    const waiting = wrapped.next();
    controller.abort();
    await expect(waiting).rejects.toThrow('over');
    expect(returned).toHaveBeenCalled();
    expect(await wrapped.next()).toEqual({ done: true, value: undefined });
  });

  it('fails at the next value when nobody waited, and once only', async () => {
    const { controller, wrapped } = started(numbers());
    expect(await wrapped.next()).toEqual({ done: false, value: 1 });
    controller.abort();
    await expect(wrapped.next()).rejects.toThrow('over');
    expect(await wrapped.next()).toEqual({ done: true, value: undefined });
  });

  it('fails at once where the signal has fired before', async () => {
    const controller = new AbortController();
    controller.abort();
    const wrapped = endedBy(numbers(), controller.signal, over) as AsyncIterableIterator<number>;
    await expect(wrapped.next()).rejects.toThrow('over');
  });

  it('lets its source go when its reader stops, and listens to no signal after', async () => {
    const returned = jest.fn();
    const { controller, wrapped } = started(numbers(returned));
    await wrapped.next();
    await wrapped.return!();
    expect(returned).toHaveBeenCalledTimes(1);
    controller.abort();
    await turn();
    expect(returned).toHaveBeenCalledTimes(1);
  });

  it('leaves alone what is no iterable', () => {
    for (const value of [undefined, null, 1, 'text', { a: 1 }]) {
      expect(endedBy(value, new AbortController().signal, over)).toBe(value);
    }
  });
});
