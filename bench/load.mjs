import { connect } from 'node:net';
import { once } from 'node:events';

/*
 * The load generator: kept-alive connections with one request in flight on each, on bare sockets. An HTTP client costs
 * as much as the server that is measured; this one a third of it, so that one core of load saturates one of server.
 */

/** A request as bytes. @param headers lines without line ends */
export function requestOf(call, { headers = [], body, type = 'application/json' } = {}) {
  const content = body === undefined ? [] : [`Content-Type: ${type}`, `Content-Length: ${body.length}`];
  return Buffer.from([`${call} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, ...content, '', body ?? ''].join('\r\n'));
}

/**
 * Keeps `connections` busy for a time, then waits for what is still owed.
 *
 * @param next gives the bytes to send on a connection: `(connection, answer | null) => Buffer`, where the answer is the
 * body of the request before on the same connection; called once more at the end, for the last answer
 * @param status how the status of each answer must begin
 * @throws Error for another answer: what fails fast must not look fast
 */
export async function drive({ port, connections, milliseconds, next, status = '2' }) {
  const latencies = [];
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      return socket;
    }),
  );
  const started = performance.now();
  const until = started + milliseconds;
  await Promise.all(sockets.map((socket, index) => converse(socket, index, { until, next, latencies, status })));
  const elapsed = performance.now() - started;
  for (const socket of sockets) socket.destroy();
  latencies.sort((a, b) => a - b);
  return { requests: latencies.length, milliseconds: elapsed, latencies };
}

function converse(socket, index, { until, next, latencies, status }) {
  return new Promise((resolve, reject) => {
    let pending = '';
    let sentAt = 0;
    const send = (answer) => {
      const bytes = next(index, answer);
      sentAt = performance.now();
      if (sentAt >= until) return resolve();
      socket.write(bytes);
    };
    socket.on('data', (chunk) => {
      const text = pending === '' ? chunk.latin1Slice() : pending + chunk.latin1Slice();
      const body = bodyOf(text);
      if (body === null) {
        pending = text;
        return;
      }
      pending = '';
      if (!text.startsWith(status, 9)) return reject(new Error(`answered: ${text}`));
      latencies.push(performance.now() - sentAt);
      send(body);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection')));
    send(null);
  });
}

/** The body of a whole answer: with a Content-Length, in chunks, or of a 204, which has none; null while a part is missing. */
function bodyOf(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  if (text.startsWith('204', 9)) return '';
  const length = Number(/content-length: *(\d+)/i.exec(text)?.[1]);
  // Peers answer in chunks; what they say is looked for in the text, so that the lengths between may stay.
  if (Number.isNaN(length) && /transfer-encoding: *chunked/i.test(text)) {
    return text.endsWith('\r\n0\r\n\r\n') ? text.slice(end + 4) : null;
  }
  if (!(length >= 0)) throw new Error(`an answer without Content-Length: ${text}`);
  return text.length < end + 4 + length ? null : text.slice(end + 4);
}

/** @param latencies sorted */
export const percentile = (latencies, share) =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
