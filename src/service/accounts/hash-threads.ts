import { Worker } from 'node:worker_threads';
import type { HashJob, HashResult } from './hash-jobs.js';

type Answer = { readonly result: HashResult } | { readonly error: Error };

/**
 * Hashes passwords on threads of its own, which give way to all others (`hash-thread.ts`), so that neither requests nor
 * what Node does on its pool (files, names of hosts) wait for logins.
 *
 * There are as many threads as hashes at one time: the caller keeps that number small (see `HashQueue`). The first hash starts the
 * first thread, and an idle one does not keep the process alive.
 *
 * @example
 * ```ts
 * const threads = new HashThreads(fileURLToPath(new URL('./hash-thread.js', import.meta.url)));
 * await threads.perform({ password: 'correct horse', against: hash }); // true
 * ```
 */
export class HashThreads {
  private readonly all = new Set<Worker>();
  private readonly idle: Worker[] = [];

  /** @param program the compiled `hash-thread.ts` */
  constructor(private readonly program: string) {}

  /** @throws Error when the job fails, or its thread ends */
  async perform(job: HashJob): Promise<HashResult> {
    const thread = this.idle.pop() ?? this.start();
    thread.ref();
    const answer = await new Promise<Answer>((resolve, reject) => {
      const ended = (code: number) => reject(new Error(`A thread that hashes passwords ended with exit code ${code}.`));
      thread.once('error', reject).once('exit', ended);
      thread.once('message', (message: Answer) => {
        thread.off('error', reject).off('exit', ended);
        resolve(message);
      });
      thread.postMessage(job);
    });
    thread.unref();
    this.idle.push(thread);
    if ('error' in answer) throw answer.error;
    return answer.result;
  }

  /** Ends all threads. A job that one of them has is refused. */
  async close(): Promise<void> {
    await Promise.all([...this.all].map((thread) => thread.terminate()));
  }

  private start(): Worker {
    const thread = new Worker(this.program);
    this.all.add(thread);
    // An idle thread that ends is not used again; what it was asked for is told in `perform`.
    thread.on('error', () => {});
    thread.on('exit', () => {
      this.all.delete(thread);
      const at = this.idle.indexOf(thread);
      if (at >= 0) this.idle.splice(at, 1);
    });
    return thread;
  }
}
