import { spawnSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

const hasTaskset = spawnSync('taskset', ['--version']).status === 0;

/** The server's core is nobody else's: the load generator and Redis share another one, where there is one. */
export const canPin = hasTaskset && cpus().length > 1;
const SERVER_CORE = '0';
const LOAD_CORE = '1';

/** A command line that runs Node on the server's core. */
export const nodeOnServerCore = (args) =>
  canPin ? ['taskset', ['-c', SERVER_CORE, process.execPath, ...args]] : [process.execPath, args];

/** Moves this process, and what it starts from now on, to the other core. */
export function pinLoadGenerator() {
  if (canPin) spawnSync('taskset', ['-a', '-cp', LOAD_CORE, String(process.pid)]);
}

export function describeMachine() {
  const [{ model }] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const pinned = canPin ? 'server pinned to one core, load and Redis to another' : 'not pinned';
  return `${cpus().length} cores (${model.trim()}), ${memory} GiB, Node ${process.version}, ${pinned}`;
}

export const describeLoad = () =>
  `load average ${loadavg()
    .map((value) => value.toFixed(2))
    .join(' ')}`;
