import { executionAsyncResource } from 'node:async_hooks';

/**
 * One of Node's own tick objects, kept for as long as the process lives. It is an entry of its own, `keyturn/tick-shape`,
 * because a library must not change the process of its host: a host that wants it says so.
 *
 * V8 drops the shape of objects when none of them is left, and the place in `process.nextTick` that makes them does not
 * recover from that: a full garbage collection at a moment without a pending tick, as loading an application brings
 * about, makes each later tick cost ten times as much (measured on Node 20.20 and 24.21: 0.1 µs, then 0.9). A request has
 * about ten of them. While one object of the shape lives, the shape does too. `npm run bench -- ticks` shows both.
 *
 * @example
 * ```ts
 * import 'keyturn/tick-shape'; // the first line of main.ts
 * ```
 */
export const tickShape: { kept?: object } = {};

process.nextTick(() => {
  tickShape.kept = executionAsyncResource();
});
