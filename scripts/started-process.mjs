import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const HOST = '127.0.0.1';
const ENDS_WITHIN = 10_000;
/** Characters of a log that are kept. */
const LOG_LIMIT = 200_000;

/** A port that nobody listens at, on loopback. */
export async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Asks every 20 ms until the answer is yes; an error is a no, and so is none within a second. */
export async function until(what, condition, patience = 30_000) {
  const end = performance.now() + patience;
  while (!(await Promise.race([condition(), sleep(1_000, false)]).catch(() => false))) {
    if (performance.now() > end) throw new Error(`not in ${patience} ms: ${what}`);
    await sleep(20);
  }
}

/**
 * Starts a server that takes its port from `PORT`, as the service and applications of tests do, and waits until it
 * answers. What is not named here goes to `spawn`.
 *
 * @param command the program and its arguments; default: Node with `entry`
 * @param env its settings; of ours only `PATH` is passed on
 * @param readyAt the path that must answer before it counts as started
 * @param isReady whether an answer means that it is; default: a 2xx
 * @param onOutput is given each piece of its output, and whether it is from `stdout` or `stderr`
 * @throws Error with its log, when it ends or does not answer in time
 */
export async function startProcess({
  entry,
  command = [process.execPath, entry],
  env = {},
  readyAt = '/health/ready',
  isReady = (answer) => answer.ok,
  readyWithin = 90_000,
  onOutput,
  ...options
}) {
  const port = await freePort();
  const settings = { PATH: process.env.PATH, ...env, PORT: String(port) };
  const child = spawn(command[0], command.slice(1), { ...options, env: settings });
  let log = '';
  for (const from of ['stdout', 'stderr']) {
    child[from]?.setEncoding('utf8').on('data', (piece) => {
      log = (log + piece).slice(-LOG_LIMIT);
      onOutput?.(piece, from);
    });
  }
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const kill = async () => {
    child.kill('SIGKILL');
    await exit;
  };
  const url = `http://${HOST}:${port}`;
  const ended = exit.then((how) => Promise.reject(new Error(`it ended: ${JSON.stringify(how)}`)));
  let hasEnded = false;
  void exit.then(() => (hasEnded = true));
  // Asked no longer than it lives: else the asking would keep its caller alive.
  const isUp = async () => hasEnded || isReady(await fetch(url + readyAt));
  const answers = until(`${readyAt} answers`, isUp, readyWithin);
  // The one that comes second is nobody's business any more.
  for (const outcome of [ended, answers]) outcome.catch(() => undefined);
  try {
    await Promise.race([answers, ended]);
  } catch (cause) {
    await kill();
    throw new Error(`The process did not start: ${cause.message}\n${log}`, { cause });
  }
  /** As an orchestrator ends it. @throws when it does not end well and in time */
  const stop = async () => {
    child.kill('SIGTERM');
    const how = await Promise.race([exit, sleep(ENDS_WITHIN, null, { ref: false })]);
    if (how?.code !== 0) throw new Error(`SIGTERM: want exit code 0 within 10 s, got ${JSON.stringify(how)}\n${log}`);
  };
  return { url, port, env: settings, child, exit, log: () => log, kill, stop };
}
