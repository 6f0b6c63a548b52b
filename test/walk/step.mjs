import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { call } from '../drills/service.mjs';
import { until } from '../faults/redis.mjs';

/** The shells that people paste into; on a Mac the first is `sh`. */
export const SHELLS = ['dash', 'bash', 'zsh'];

/** Does one thing, and prints how many seconds it took. */
export async function step(name, work) {
  const since = performance.now();
  const outcome = await work();
  process.stdout.write(`walk: ${((performance.now() - since) / 1000).toFixed(1).padStart(6)} s  ${name}\n`);
  return outcome;
}

/** Runs a block as it is pasted, but stops at the first command that fails and at the first variable without a value. */
export async function paste(shell, code, options = {}) {
  const { stdout } = await promisify(execFile)(shell, ['-eu', '-c', code], { encoding: 'utf8', ...options });
  return stdout;
}

/** Starts a command that serves HTTP; `said` is all that it has printed, `firstWord` when it printed for the first time. */
export async function serve(command, { cwd, env, url }) {
  const since = performance.now();
  const child = spawn('sh', ['-c', command], {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const server = { said: '', firstWord: Infinity };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      server.firstWord = Math.min(server.firstWord, performance.now() - since);
      server.said += chunk.toString();
    });
  }
  const exit = once(child, 'exit');
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  server.stop = async () => {
    // The whole group: npm, its shell and the server itself.
    if (!gone() && child.pid) process.kill(-child.pid, 'SIGTERM');
    await exit;
  };
  const ended = exit.then(() => Promise.reject(new Error(`${command} ended:\n${server.said}`)));
  await Promise.race([until(url, async () => (await call(url)).status > 0, 300_000), ended]).catch(async (error) => {
    await server.stop();
    throw error;
  });
  ended.catch(() => undefined);
  return server;
}

export function expectText(what, text, pattern) {
  if (!pattern.test(text)) throw new Error(`${what}: want ${pattern}, got\n${text}`);
}
