import { Worker } from 'node:worker_threads';
import { within } from './auth.deadline.js';

const late = () => new Error('late');

/** Another thread takes a moment, and then answers, whatever this one does. */
describe('a deadline in a process that stood still', () => {
  let other: Worker;
  let asked: Int32Array;
  beforeEach(() => {
    asked = new Int32Array(new SharedArrayBuffer(8));
    other = new Worker(
      `const { parentPort, workerData: asked } = require('node:worker_threads');
      Atomics.wait(asked, 0, 0);
      Atomics.wait(asked, 1, 0, 50);
      parentPort.postMessage('answer');
      Atomics.store(asked, 1, 1);
      Atomics.notify(asked, 1);`,
      { eval: true, workerData: asked },
    );
  });
  afterEach(() => other.terminate());

  const ask = () => {
    Atomics.store(asked, 0, 1);
    Atomics.notify(asked, 0);
  };
  const answer = () => new Promise((resolve) => other.once('message', resolve));

  it('gives the other side time after the standstill, if the question leaves only then', async () => {
    const settled = within(2_000, answer(), late);
    setImmediate(ask);
    block(2_100);

    await expect(settled).resolves.toBe('answer');
  });

  it('reads what has come before it gives up', async () => {
    const settled = within(1_000, answer(), late);
    await new Promise((resolve) => setTimeout(resolve, 500));
    setImmediate(() => {
      ask();
      Atomics.wait(asked, 1, 0);
      block(600);
    });

    await expect(settled).resolves.toBe('answer');
  });

  it('gives up where nothing comes', async () => {
    await expect(within(20, answer(), late)).rejects.toThrow('late');
  });
});

function block(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}
