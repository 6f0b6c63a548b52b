import { once } from 'node:events';
import { WebSocket } from 'ws';
import { build } from './build.mjs';
import { percentile } from './load.mjs';
import { startRedis } from './redis.mjs';
import { whole } from './rounds.mjs';
import { startServer } from './server-process.mjs';
import { printTable } from './table.mjs';
import { ISSUER, tokenShop } from './tokens.mjs';

const IDLE = 5_000;
const REVOCATIONS = 1_000;
const WARM_UP = 100;
const AT_ONCE = 100;

/** From the answer to a logout on one process to the close of the session's socket on another, beside idle ones. */
export async function sockets() {
  const redis = await startRedis();
  const { keys } = await tokenShop('ES256');
  const common = { build, issuer: ISSUER, keys, redis: redis.url };
  const servers = await Promise.all([
    startServer('sockets.mjs', { ...common, sessions: IDLE + REVOCATIONS + WARM_UP }),
    startServer('sockets.mjs', common),
  ]);
  const [here, there] = servers;
  const open = [];
  for (let from = 0; from < here.tokens.length; from += AT_ONCE) {
    const group = here.tokens.slice(from, from + AT_ONCE).map((token) => connect(there.port, token));
    open.push(...(await Promise.all(group)));
  }
  const [idle, ending] = [open.slice(0, IDLE), open.slice(IDLE)];
  const delays = [];
  for (const { socket, token } of ending) {
    const closed = once(socket, 'close').then(([number]) => [number, performance.now()]);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`http://127.0.0.1:${here.port}/auth/logout`, { method: 'POST', headers, body: '{}' });
    const acknowledged = performance.now();
    if (answer.status !== 204) throw new Error(`the logout was answered ${answer.status}`);
    const [number, at] = await closed;
    if (number !== 4401) throw new Error(`a socket was closed with ${number}`);
    // A close that came before the answer is a delay of nothing.
    delays.push(Math.max(0, at - acknowledged));
  }
  const lost = idle.filter(({ socket }) => socket.readyState !== WebSocket.OPEN).length;
  if (lost > 0) throw new Error(`${lost} idle sockets were closed`);
  for (const { socket } of idle) socket.terminate();
  await Promise.all(servers.map(({ stop }) => stop()));
  await redis.stop();
  const measured = delays.slice(WARM_UP).sort((a, b) => a - b);
  const at = (share) => percentile(measured, share).toFixed(2);
  printTable('Sockets: from the answer to a logout to the close on another instance, goal p99 50 ms', [
    {
      [`${whole(measured.length)} times`]: `beside ${whole(IDLE)} idle sockets`,
      'p50 ms': at(0.5),
      'p90 ms': at(0.9),
      'p99 ms': at(0.99),
      'max ms': at(1),
    },
  ]);
}

async function connect(port, token) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, ['bearer', token], { perMessageDeflate: false });
  await once(socket, 'message');
  return { socket, token };
}
