import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuthConfigError } from '../../index.js';
import { answers, Claim, currentKernel, kernelOf } from './folder-claim.js';

export interface FolderLock {
  release(): Promise<void>;
}

/** Milliseconds. */
export interface FolderLockTimes {
  /** How long a starting process waits for one that is just going. */
  readonly patience?: number;
  /** How often a holder shows to other machines that it lives. */
  readonly heartbeat?: number;
  /** After how long without a heartbeat another machine takes it for dead; more than a first start of PGlite blocks. */
  readonly silence?: number;
}

/** Told once when the lock is lost while it is held; who gets this must stop writing to the folder at once. */
export type LostListener = (lost: Error) => void;

/**
 * Keeps every other process out of a folder until this one releases it or dies.
 *
 * Node has no `flock`. What the kernel does free when a process dies, `kill -9` included, is a listening socket; and a
 * Unix socket is found by its file, from other containers too. So whether the holder lives is asked of the kernel, by a
 * connection, and no process id is compared: in two containers on one volume both are 1. Each claim has a name of its
 * own that is never used again, so removing a dead one cannot hit a living one, the usual race of a lock file that is
 * taken over.
 *
 * A claim is shown first, and looks around afterwards: of two at once, at least one sees the other. Who sees a living
 * claim withdraws, waits a moment of random length and tries again; who sees none has the folder.
 *
 * A socket on a network file system answers on its own machine alone. A claim of another kernel is therefore believed
 * while its file's time moves, which the holder sees to. Only that: a lock by heartbeat alone (`proper-lockfile`) stays
 * shut for seconds after each kill, is lost by a process that was paused, and can be taken over by two at once.
 *
 * @throws AuthConfigError when another process has the folder, or its path is too long for a socket
 */
export async function lockFolder(
  folder: string,
  onLost: LostListener,
  { patience = 1_500, heartbeat = 2_000, silence = 15_000 }: FolderLockTimes = {},
): Promise<FolderLock> {
  if (process.platform === 'win32') return lockByPipe(folder);
  const kernel = await currentKernel();
  const watch = new SilenceWatch(silence);
  const started = performance.now();
  for (;;) {
    const claim = await Claim.show(folder, kernel);
    const rivals = await livingRivals(folder, claim, kernel, watch);
    if (rivals.length === 0) return hold(claim, folder, heartbeat, onLost);
    await claim.withdraw();
    const onlyFar = rivals.every((name) => kernelOf(name) !== kernel);
    if (performance.now() - started > (onlyFar ? silence + patience : patience)) throw inUse(folder);
    await sleep(20 + Math.random() * 180);
  }
}

async function livingRivals(folder: string, own: Claim, kernel: string, watch: SilenceWatch): Promise<string[]> {
  const living: string[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (kernelOf(name) === null || own.owns(path)) continue;
    const lives = (await answers(path)) || (kernelOf(name) !== kernel && !(await watch.isSilent(path)));
    if (lives) living.push(name);
    else await rm(path, { force: true });
  }
  return living;
}

function hold(claim: Claim, folder: string, heartbeat: number, onLost: LostListener): FolderLock {
  const beat = async (): Promise<void> => {
    if ((await claim.beat()) || released) return;
    // Another machine took this process for dead (it was paused for long), or the folder was deleted.
    clearInterval(timer);
    onLost(new Error(`DATA_DIR ${folder} is no longer this process's own: its lock was removed.`));
  };
  const timer = setInterval(() => void beat(), heartbeat).unref();
  let released = false;
  return {
    async release() {
      if (released) return;
      released = true;
      clearInterval(timer);
      await claim.withdraw();
    },
  };
}

/** Whether a file's time has not moved for as long as it was watched here; other machines' clocks are not compared. */
class SilenceWatch {
  private readonly seen = new Map<string, { readonly modified: number; readonly since: number }>();

  constructor(private readonly silence: number) {}

  async isSilent(path: string): Promise<boolean> {
    const modified = await stat(path).then(
      (file) => file.mtimeMs,
      () => null,
    );
    if (modified === null) return true;
    const before = this.seen.get(path);
    if (before?.modified === modified) return performance.now() - before.since > this.silence;
    this.seen.set(path, { modified, since: performance.now() });
    return false;
  }
}

/** Windows has no socket files for Node, but pipes, which belong to one process and go with it. */
async function lockByPipe(folder: string): Promise<FolderLock> {
  const id = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy()).listen(`\\\\.\\pipe\\keyturn-${id}`);
  await once(server, 'listening').catch((cause: unknown) => {
    throw inUse(folder, cause);
  });
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

const inUse = (folder: string, cause?: unknown): AuthConfigError =>
  new AuthConfigError(
    `DATA_DIR ${folder} is in use by another process: stop that one, choose another folder, or set DATABASE_URL.`,
    { cause },
  );
