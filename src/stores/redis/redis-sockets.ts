import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';

interface Connector {
  connect(...args: unknown[]): Promise<Socket>;
  /** Only where there are Sentinels. */
  connectToSentinel?(...args: unknown[]): Redis;
}

/** Milliseconds a silent connection gets once more before it is given up, so that a process that stood still can read. */
const LAST_CHANCE = 500;

const reached = new WeakSet<Redis>();

/** Whether the last try found somebody at the address, whatever it said then. */
export const wasReached = (redis: Redis): boolean => reached.has(redis);

/**
 * Mends what ioredis does with the sockets of a client (6.0.0). It listens to the first error of each; a TLS handshake
 * that is cut off, by `disconnect()` too, reports two, and an error without a listener ends the process. It prints those
 * of Sentinels to the console. Its `socketTimeout` gives up a connection whose answer has come and was not read yet.
 * @param redis not connected yet: made with `lazyConnect`
 */
export function mendSockets(redis: Redis): void {
  const { connector } = redis as unknown as { connector: Connector };
  const connect = connector.connect.bind(connector);
  connector.connect = async (...args) => {
    reached.delete(redis);
    const socket = await connect(...args);
    socket.on('error', () => undefined);
    socket.once('connect', () => reached.add(redis));
    giveLastChance(socket);
    return socket;
  };
  const connectToSentinel = connector.connectToSentinel?.bind(connector);
  if (!connectToSentinel) return;
  connector.connectToSentinel = (endpoint, options) => {
    const lazily = { ...(options as object | undefined), lazyConnect: true };
    const sentinel = connectToSentinel(endpoint, lazily).on('error', () => undefined);
    mendSockets(sentinel);
    return sentinel;
  };
}

/**
 * In a cluster ioredis sends `ASKING` ahead of a command whose slot is just moving, and waits for no answer (6.0.0). When
 * that node is gone, or forbids the command, the answer is an error which nobody takes, and Node ends the process. The
 * command behind it tells the caller.
 */
export function mendAsking(node: Redis): void {
  const asking = node.asking.bind(node);
  node.asking = () => {
    const answered = asking();
    answered.catch(() => undefined);
    return answered;
  };
}

/** Node runs timers before it reads: the one of `socketTimeout` too, when the process stood still for longer. */
function giveLastChance(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    if (!error?.message.startsWith('Socket timeout')) return destroy(error);
    let isSilent = true;
    const timer = setTimeout(() => setImmediate(() => isSilent && destroy(error)), LAST_CHANCE);
    const spare = (): void => {
      isSilent = false;
      clearTimeout(timer);
    };
    socket.once('data', spare).once('close', spare);
    return socket;
  };
}
