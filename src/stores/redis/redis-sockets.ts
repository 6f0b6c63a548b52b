import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';

interface Connector {
  connect(...args: unknown[]): Promise<Socket>;
  /** Only where there are Sentinels. */
  connectToSentinel?(...args: unknown[]): Redis;
}

const reached = new WeakSet<Redis>();

/** Whether the last try found somebody at the address, whatever it said then. */
export const wasReached = (redis: Redis): boolean => reached.has(redis);

/**
 * Listens to every error of a client's sockets. ioredis listens to the first of each (6.0.0); a TLS handshake that is
 * cut off, by `disconnect()` too, reports two, and an error without a listener ends the process. It prints those of
 * Sentinels to the console.
 * @param redis not connected yet: made with `lazyConnect`
 */
export function listenToEveryError(redis: Redis): void {
  const { connector } = redis as unknown as { connector: Connector };
  const connect = connector.connect.bind(connector);
  connector.connect = async (...args) => {
    reached.delete(redis);
    const socket = await connect(...args);
    socket.on('error', () => undefined);
    socket.once('connect', () => reached.add(redis));
    return socket;
  };
  const connectToSentinel = connector.connectToSentinel?.bind(connector);
  if (!connectToSentinel) return;
  connector.connectToSentinel = (endpoint, options) => {
    const lazily = { ...(options as object | undefined), lazyConnect: true };
    const sentinel = connectToSentinel(endpoint, lazily).on('error', () => undefined);
    listenToEveryError(sentinel);
    return sentinel;
  };
}
