import { parentPort } from 'node:worker_threads';
import { performHash, type HashJob } from './hash-jobs.js';

/** Does the jobs that this thread is sent, one at a time; in a thread alone. */
export function serveHashes(): void {
  parentPort!.on('message', (job: HashJob) => {
    try {
      parentPort!.postMessage({ result: performHash(job) });
    } catch (error) {
      parentPort!.postMessage({ error });
    }
  });
}
