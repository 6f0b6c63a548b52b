import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, until } from '../faults/redis.mjs';

const READY_WITHIN = 90_000;
const ENDS_WITHIN = 10_000;

/**
 * The standalone service as a process of its own.
 * @param {{ entry: string, env: object, command?: string[], cwd?: string, uid?: number, gid?: number }} options
 */
export async function startService({ entry, env, command = [process.execPath, entry], cwd, ...owner }) {
  const port = await freePort();
  const settings = { PATH: process.env.PATH, ...env, PORT: String(port) };
  const child = spawn(command[0], command.slice(1), { cwd, env: settings, ...owner });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const url = `http://127.0.0.1:${port}`;
  const ended = exit.then((how) => Promise.reject(new Error(`it ended: ${JSON.stringify(how)}`)));
  const ready = until('ready', async () => (await fetch(`${url}/health/ready`)).ok, READY_WITHIN);
  await Promise.race([ready, ended]).catch((error) => {
    child.kill('SIGKILL');
    throw new Error(`The service did not start: ${error.message}\n${log}`);
  });
  return {
    url,
    env: settings,
    log: () => log,
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
    /** As an orchestrator ends it. @throws when it does not end well and in time */
    stop: async () => {
      child.kill('SIGTERM');
      const how = await Promise.race([exit, sleep(ENDS_WITHIN, null, { ref: false })]);
      if (how?.code !== 0) throw new Error(`SIGTERM: want exit code 0 within 10 s, got ${JSON.stringify(how)}\n${log}`);
    },
  };
}

/** Sends JSON, reads JSON; status 0: no answer came. */
export async function call(url, { body, token, method = body ? 'POST' : 'GET' } = {}) {
  const headers = {
    ...(body && { 'content-type': 'application/json' }),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  try {
    const signal = AbortSignal.timeout(10_000);
    const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body), signal });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  } catch (error) {
    return { status: 0, body: String(error.cause ?? error) };
  }
}

/** @throws Error that says what came instead */
export async function expectCall(status, url, request) {
  const answer = await call(url, request);
  if (answer.status === status) return answer.body;
  throw new Error(`${url}: want ${status}, got ${answer.status} ${JSON.stringify(answer.body)}`);
}

export const PASSWORD = 'correct horse battery staple';

export const accountOf = (name) => ({ email: `${name}@example.com`, password: PASSWORD });
