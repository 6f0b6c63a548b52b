import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startProcess } from '../../scripts/started-process.mjs';

const STARTS_WITHIN = 60_000;

/** Applications that are running, for a run that ends early. */
const running = new Set();

/**
 * Starts an application of a host, and waits until it answers anything over HTTP.
 * @param output what becomes of what it says: `pipe` keeps it for `said()`
 */
export async function startApp(folder, entry, env, { output = 'inherit' } = {}) {
  const app = await startProcess({
    entry,
    cwd: folder,
    env,
    stdio: ['ignore', output, output],
    readyAt: '/cart',
    isReady: () => true,
  });
  const stop = async () => {
    running.delete(stop);
    await app.kill();
  };
  running.add(stop);
  return { url: app.url, stop, said: app.log };
}

/** Starts an application that must refuse to start. @returns what it said */
export async function refusedStart(folder, entry, env) {
  const stdio = ['ignore', 'pipe', 'pipe'];
  const child = spawn(process.execPath, [entry], { cwd: folder, env: { ...env, PORT: '0' }, stdio });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const late = setTimeout(() => child.kill('SIGKILL'), STARTS_WITHIN);
  const [code] = await once(child, 'exit');
  clearTimeout(late);
  if (code !== 1) throw new Error(`${entry} was to refuse its start, and ended with ${code}:\n${said}`);
  return said;
}

export const stopApps = () => Promise.all([...running].map((stop) => stop()));
