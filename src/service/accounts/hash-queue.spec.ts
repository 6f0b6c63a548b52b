import { availableParallelism } from 'node:os';
import { HashQueue } from './hash-queue.js';
import type { HashQueueLimits } from './hash-queue.js';

/** A queue on a clock of its own, whose jobs end when they are told to. */
function scene(limits: HashQueueLimits) {
  const clock = { now: 0 };
  const queue = new HashQueue(limits, () => clock.now);
  const started: string[] = [];
  const enter = (name: string, source?: string) => {
    let end!: (value: string) => void;
    let fail!: (error: Error) => void;
    const work = new Promise<string>((resolve, reject) => ([end, fail] = [resolve, reject]));
    const done = queue.run(() => {
      started.push(name);
      return work;
    }, source);
    done.catch(() => undefined);
    return { done, end: () => end(name), fail: () => fail(new Error('no memory')) };
  };
  return { clock, queue, started, enter };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the hash queue', () => {
  it('runs as many at once as it may, and the rest in the order they came', async () => {
    const { started, enter } = scene({ concurrency: 2 });
    const [a, b, c, d] = [enter('a'), enter('b'), enter('c'), enter('d')];
    await settle();
    expect(started).toEqual(['a', 'b']);
    b.end();
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
    [a, c, d].forEach((job) => job.end());
    expect(await Promise.all([a.done, b.done, c.done, d.done])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives the place on when a job fails, or one bad hash would block every login', async () => {
    const { started, enter } = scene({ concurrency: 1 });
    const [a] = [enter('a'), enter('b')];
    a.fail();
    await expect(a.done).rejects.toThrow('no memory');
    await settle();
    expect(started).toEqual(['a', 'b']);
  });

  it('refuses at once who would stand behind a full queue, and tells when to come back', async () => {
    const { enter } = scene({ concurrency: 1, maxWaiting: 1, maxWait: 5_000 });
    enter('a');
    enter('b');
    await expect(enter('c').done).rejects.toMatchObject({ code: 'temporarily_unavailable', retryAfter: 5 });
  });

  it('refuses who has waited too long instead of hashing for a client that is gone, and goes on with the next', async () => {
    const { clock, started, enter } = scene({ concurrency: 1, maxWait: 5_000 });
    const a = enter('a');
    const b = enter('b');
    clock.now = 1_000;
    enter('c');
    clock.now = 5_001;
    a.end();
    await expect(b.done).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    await settle();
    expect(started).toEqual(['a', 'c']);
  });

  it('still serves who waited exactly as long as is allowed', async () => {
    const { clock, started, enter } = scene({ concurrency: 1, maxWait: 5_000 });
    const a = enter('a');
    enter('b');
    clock.now = 5_000;
    a.end();
    await settle();
    expect(started).toEqual(['a', 'b']);
  });

  it('gives each source its turn, so that who sends hundreds makes only himself wait', async () => {
    const { started, enter } = scene({ concurrency: 1 });
    const flood = Array.from({ length: 100 }, (_, n) => enter(`flood ${n}`, 'flood'));
    const honest = [enter('ann', 'ann'), enter('bob', 'bob')];
    for (const job of [flood[0]!, flood[1]!, ...honest]) {
      job.end();
      await settle();
    }
    expect(started.slice(0, 5)).toEqual(['flood 0', 'flood 1', 'ann', 'bob', 'flood 2']);
  });

  it('makes room in a full queue for somebody new, at the end of the longest line', async () => {
    const { queue, started, enter } = scene({ concurrency: 1, maxWaiting: 10 });
    const flood = Array.from({ length: 11 }, (_, n) => enter(`flood ${n}`, 'flood'));
    await expect(enter('flood 11', 'flood').done).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    expect(() => queue.assertRoom('flood')).toThrow(expect.objectContaining({ code: 'temporarily_unavailable' }));
    queue.assertRoom('ann');
    const honest = enter('ann', 'ann');
    await expect(flood[10]!.done).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    flood[0]!.end();
    flood[1]!.end();
    honest.end();
    expect(await honest.done).toBe('ann');
    expect(started).toContain('ann');
  });

  it('lets nobody push another out who has one more in line, since that one could push back', async () => {
    const { enter } = scene({ concurrency: 1, maxWaiting: 3 });
    enter('running', 'ann');
    enter('bob 1', 'bob');
    const bob = enter('bob 2', 'bob');
    enter('ann 1', 'ann');
    const ann = enter('ann 2', 'ann');
    const refused = await Promise.allSettled([ann, bob].map(({ done }) => Promise.race([done, settle()])));
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('never runs more than its bound, however jobs come and go', async () => {
    const queue = new HashQueue({ concurrency: 3 });
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 200 }, () =>
        queue.run(async () => {
          most = Math.max(most, ++running);
          await settle();
          running--;
        }),
      ),
    );
    expect(most).toBe(3);
  });

  it('leaves one core to the requests by default', async () => {
    const queue = new HashQueue();
    let running = 0;
    const jobs = Array.from({ length: 64 }, () => queue.run(async () => void (await new Promise(() => running++))));
    for (const job of jobs) void job.catch(() => undefined);
    await settle();
    expect(running).toBe(Math.max(1, availableParallelism() - 1));
  });
});
