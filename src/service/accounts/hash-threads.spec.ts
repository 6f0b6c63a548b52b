import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HashThreads } from './hash-threads.js';

const COST = { memoryCost: 8, timeCost: 1, parallelism: 1 };

const program = process.env.HASH_THREAD_TEST!;
const folder = mkdtempSync(join(tmpdir(), 'keyturn-hash-threads-'));
let threads: HashThreads;
beforeEach(() => {
  threads = new HashThreads(program);
});
afterEach(() => threads.close());
afterAll(() => rmSync(folder, { recursive: true }));

const written = (name: string, source: string) => {
  writeFileSync(join(folder, name), source);
  return new HashThreads(join(folder, name));
};
/** The priority of each thread of this process: the 19th field, counted behind the name, which may hold anything. */
const priorities = () =>
  readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });

describe('threads that hash passwords', () => {
  it('make a hash and verify it, several at one time', async () => {
    const passwords = ['correct horse', 'battery staple', 'teapot'];
    const hashes = await Promise.all(passwords.map((password) => threads.perform({ password, cost: COST })));
    const verified = hashes.flatMap((hash) =>
      passwords.map((password) => threads.perform({ password, against: hash as string })),
    );
    expect(await Promise.all(verified)).toEqual([true, false, false, false, true, false, false, false, true]);
  });

  it('give way to every other thread, so that requests find a core beside logins', async () => {
    const before = priorities().filter((priority) => priority === 10).length;
    await threads.perform({ password: 'correct horse', cost: COST });
    expect(priorities().filter((priority) => priority === 10)).toHaveLength(before + 1);
  });

  it('pass on what is wrong with a job, and take the next one', async () => {
    const unusual = { ...COST, memoryCost: 1 };
    await expect(threads.perform({ password: 'correct horse', cost: unusual })).rejects.toThrow(/memory/i);
    expect(await threads.perform({ password: 'correct horse', cost: COST })).toMatch(/^\$argon2id\$/);
  });

  it('fail the job of a thread that ends, and start another one for the next', async () => {
    const mortal = written(
      'mortal.mjs',
      `import { parentPort } from 'node:worker_threads';
       parentPort.on('message', ({ password }) => password === 'end' ? process.exit(3) : parentPort.postMessage({ result: true }));`,
    );
    await expect(mortal.perform({ password: 'end', against: '' })).rejects.toThrow('exit code 3');
    expect(await mortal.perform({ password: 'go on', against: '' })).toBe(true);
    await mortal.close();
  });

  it('are refused with the reason where the program cannot be loaded', async () => {
    const broken = written('broken.mjs', 'import "./is-not-there.mjs";');
    await expect(broken.perform({ password: 'correct horse', against: '' })).rejects.toThrow('is-not-there');
    await broken.close();
  });

  it('refuse a job that they have when the service stops', async () => {
    const slow = written('slow.mjs', 'setInterval(() => {}, 1000);');
    const waiting = slow.perform({ password: 'correct horse', against: '' });
    const [outcome] = await Promise.allSettled([waiting, slow.close()]);
    expect(outcome).toMatchObject({ reason: { message: expect.stringContaining('ended with exit code') } });
  });
});
