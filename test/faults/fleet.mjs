import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { asksOf } from './asks.mjs';
import { httpDoor } from './doors.mjs';
import { openInstance } from './instance.mjs';
import { serviceHost } from './services.mjs';

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));
const READY_WITHIN = 30_000;

/**
 * One process with a small host in it, by `worker.mjs`.
 * @param config of `openInstance`, and `clockShift` in milliseconds
 * @param tally hears its events
 */
async function startMember(config, tally) {
  const stdio = ['ignore', 'ignore', 'pipe', 'ipc'];
  const child = fork(WORKER, [JSON.stringify(config)], { stdio, serialization: 'advanced' });
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
  const door = httpDoor(url, { tally, grace: config.grace });
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
  const door = httpDoor(instance.url, { tally, grace: config.grace });
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

const smallHost = async (config, { tally, short }) => ({
  start: (more = {}) => (short ? startGuest : startMember)({ ...config, ...more }, tally),
  stop: async () => undefined,
});

const HOSTS = { small: smallHost, service: serviceHost };

/**
 * Several instances on one store: processes with a small host in them, or of the service, as the row says.
 * @param config of `openInstance`; `grace` in milliseconds too, where it is another than the default
 * @returns `members`, their `doors`, `start(more)` for one more with a changed `config` (`beforeStore` where the store
 *   is not there yet), and `stop()` for all of them; `stopMembers()` keeps their users
 */
export async function startFleet(size, config, row) {
  const host = await HOSTS[row.host ?? 'small'](config, row);
  const running = new Set();
  const start = async (more) => {
    const member = recorded(await host.start(more), row.tally);
    running.add(member);
    return member;
  };
  const stopMembers = async () => {
    await Promise.all([...running].map((member) => member.stop()));
    running.clear();
  };
  const stop = async () => {
    await stopMembers();
    await host.stop();
  };
  try {
    // The first alone, since it brings the schema of a database up to date.
    const first = size > 0 ? [await start()] : [];
    const others = await Promise.allSettled(Array.from({ length: Math.max(0, size - 1) }, () => start()));
    const failed = others.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
    const members = [...first, ...others.map(({ value }) => value)];
    return { members, doors: members.map(({ door }) => door), start, stopMembers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const ENDINGS = ['revoke', 'revokeAll', 'changePassword', 'disable'];

/** A member whose asks that end sessions stand in the history. */
function recorded(member, { history }) {
  const ask = async (what, argument) => {
    if (!ENDINGS.includes(what)) return member.ask(what, argument);
    const ended = history.end(argument.sub, what === 'revoke' ? argument.sid : undefined);
    try {
      const answer = await member.ask(what, argument);
      ended(true);
      return answer;
    } catch (error) {
      ended(false);
      throw error;
    }
  };
  return { ...member, ask };
}
