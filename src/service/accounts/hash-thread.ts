// The program of a thread that hashes passwords, one at a time: see hash-threads.ts.
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { serveHashes } from './serve-hashes.js';

/** As `nice` counts: 0 is usual, 19 gives way to everything. */
const GIVES_WAY = 10;

// Requests then find a core at once, also where logins keep all of them busy. Only Linux has priorities of threads; the
// same call elsewhere would be for the whole process. Without /proc all threads stay equal.
if (process.platform === 'linux') {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (thread !== process.pid) setPriority(thread, GIVES_WAY);
  } catch {}
}

serveHashes();
