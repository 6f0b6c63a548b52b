import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { asksOf } from './asks.mjs';
import { httpDoor } from './doors.mjs';
import { openInstance } from './instance.mjs';

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));
const READY_WITHIN = 30_000;

/**
 * One process of a service, by `worker.mjs`.
 * @param config of `openInstance`, and `clockShift` in milliseconds
 * @param tally hears its events
 */
export async function startMember(config, tally) {
  const child = fork(WORKER, [JSON.stringify(config)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const asked = new Map();
  let complaint = '';
  let last = 0;
  child.stderr.on('data', (chunk) => (complaint += chunk));
  child.on('message', ({ id, result, error, event }) => {
    if (event) tally.hear(event);
    const waiting = asked.get(id);
    asked.delete(id);
    if (error) waiting?.reject(new Error(error));
    else waiting?.resolve(result);
  });
  void exit.then(() => asked.forEach(({ reject }) => reject(new Error('the process has ended'))));
  const ready = once(child, 'message', { signal: AbortSignal.timeout(READY_WITHIN) });
  const [{ ready: url }] = await Promise.race([
    ready,
    exit.then(() => Promise.reject(new Error(`a worker did not start:\n${complaint}`))),
  ]);
  const door = httpDoor(url);
  return {
    url,
    door,
    exit,
    ask: (ask, argument) =>
      new Promise((resolve, reject) => {
        last += 1;
        asked.set(last, { resolve, reject });
        child.send({ id: last, ask, with: argument }, (error) => error && reject(error));
      }),
    signal: (name) => child.kill(name),
    stop: async () => {
      door.close();
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** An instance in this process: for short runs, in which starting processes would be most of the work. */
async function startGuest(config, tally) {
  const instance = await openInstance({ ...config, listen: true });
  instance.events.listen((event) => tally.hear(event));
  const asks = asksOf(instance);
  const door = httpDoor(instance.url);
  return {
    url: instance.url,
    door,
    ask: async (ask, argument) => (await asks[ask](argument)) ?? null,
    stop: async () => {
      door.close();
      await instance.stop();
    },
  };
}

/** @returns the members, and `stop()` for all of them */
export async function startFleet(size, config, { tally, short }) {
  const start = short ? startGuest : startMember;
  const started = await Promise.allSettled(Array.from({ length: size }, () => start(config, tally)));
  const members = started.flatMap(({ value }) => value ?? []);
  const stop = () => Promise.all(members.map((member) => member.stop()));
  const failed = started.find(({ status }) => status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { members, doors: members.map(({ door }) => door), stop };
}
