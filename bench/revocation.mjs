import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { besideOther, build } from './build.mjs';
import { percentile, requestOf } from './load.mjs';
import { measure, warmUp } from './measure.mjs';
import { startRedis } from './redis.mjs';
import { interleave, least, middle, ratio, spread, whole } from './rounds.mjs';
import { startServer } from './server-process.mjs';
import { printTable } from './table.mjs';
import { ISSUER, tokenShop } from './tokens.mjs';

const REVOCATIONS = 2_000;
const WARM_UP = 200;
const CONNECTIONS = 50;
const TOKENS = 10_000;
const REVOKED = 100_000;

/** How soon the other instance refuses, and what a long list costs the guard: docs/performance.md, goal 6. */
export async function revocation({ rounds = 15, milliseconds = 400, only = /./ }) {
  if (only.test('delay')) await reportDelay();
  if (only.test('list')) await reportCost({ rounds, milliseconds });
}

/** From the answer to a logout on one process to the first refusal of the access token on another. */
async function reportDelay() {
  const redis = await startRedis();
  const { keys } = await tokenShop('ES256');
  const common = { build, issuer: ISSUER, keys, redis: redis.url };
  const servers = await Promise.all([
    startServer('revocation.mjs', { ...common, sessions: REVOCATIONS + WARM_UP }),
    startServer('revocation.mjs', common),
  ]);
  const [here, there] = await Promise.all(servers.map(({ port }) => openLine(port)));
  const delays = [];
  const ordinary = [];
  let atFirst = 0;
  for (const token of servers[0].tokens) {
    const bearer = { headers: [`Authorization: Bearer ${token}`] };
    const [show, logout] = [requestOf('GET /', bearer), requestOf('POST /auth/logout', { ...bearer, body: '{}' })];
    // Seen before, as a token in use is: the refusal has to come in spite of what is remembered of it.
    await expectStatus(there, show, '200');
    const asked = performance.now();
    await expectStatus(there, show, '200');
    ordinary.push(performance.now() - asked);
    await expectStatus(here, logout, '204');
    const acknowledged = performance.now();
    if ((await there.ask(show)) === '401') atFirst += 1;
    else while ((await there.ask(show)) === '200');
    delays.push(performance.now() - acknowledged);
  }
  for (const line of [here, there]) line.close();
  await Promise.all(servers.map(({ stop }) => stop()));
  await redis.stop();
  const row = (name, times) => {
    const measured = times.slice(WARM_UP).sort((a, b) => a - b);
    const at = (share) => percentile(measured, share).toFixed(2);
    return {
      [`${whole(measured.length)} times`]: name,
      'p50 ms': at(0.5),
      'p90 ms': at(0.9),
      'p99 ms': at(0.99),
      'max ms': at(1),
    };
  };
  const share = Math.floor((100 * atFirst) / delays.length);
  printTable('Revocation: from the answer to a logout to the first refusal on another instance, goal p99 20 ms', [
    row(`until refused; ${share} % by the first request`, delays),
    row('an ordinary request there, for comparison', ordinary),
  ]);
}

/** A connection with one request at a time; gives the status of each answer. */
async function openLine(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const ask = (bytes) =>
    new Promise((resolve, reject) => {
      let text = '';
      const take = (chunk) => {
        text += chunk.latin1Slice();
        const end = text.indexOf('\r\n\r\n');
        const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0);
        if (end < 0 || text.length < end + 4 + length) return;
        socket.off('data', take).off('close', reject);
        resolve(text.slice(9, 12));
      };
      socket.on('data', take).once('close', reject).write(bytes);
    });
  return { ask, close: () => socket.destroy() };
}

async function expectStatus(line, bytes, wanted) {
  const status = await line.ask(bytes);
  if (status !== wanted) throw new Error(`answered ${status} instead of ${wanted}`);
}

/** The guard with nothing revoked, and with a hundred thousand sessions that are none of those that ask. */
async function reportCost({ rounds, milliseconds }) {
  const shop = await tokenShop('ES256');
  const config = { build, issuer: ISSUER, keys: shop.keys };
  const requests = Array.from({ length: TOKENS }, () =>
    requestOf('GET /', { headers: [`Authorization: Bearer ${shop.issue(randomUUID())}`] }),
  );
  const variants = besideOther([
    { name: 'nothing revoked', config },
    { name: `${whole(REVOKED)} sessions revoked`, config: { ...config, revoked: REVOKED } },
  ]);
  await Promise.all(
    variants.map(async (variant) => (variant.server = await startServer('revocation.mjs', variant.config))),
  );
  for (const { server } of variants) {
    let sent = 0;
    const next = () => requests[sent++ % TOKENS];
    await warmUp({ server, connections: CONNECTIONS, next, atLeast: TOKENS });
  }
  const next = () => requests[Math.floor(Math.random() * TOKENS)];
  const samples = await interleave(variants, rounds, ({ server }) =>
    measure({ server, connections: CONNECTIONS, milliseconds, next }),
  );
  await Promise.all(variants.map(({ server }) => server.stop()));
  const [reference] = samples.values();
  const rows = [...samples].map(([{ name }, own]) => ({
    [`guard, ${whole(TOKENS)} tokens`]: name,
    'requests/s': whole(middle(own, 'perSecond')),
    'min–max': spread(own, 'perSecond'),
    'to the first': ratio(own, reference, 'perSecond').toFixed(3),
    'CPU µs': least(own, 'cpu').toFixed(1),
    'by CPU': (least(reference, 'cpu') / least(own, 'cpu')).toFixed(3),
    'core busy': `${Math.round(middle(own, 'busy') * 100)} %`,
  }));
  printTable(`Revocation: the guard beside a long list, Fastify, ${CONNECTIONS} connections; goal 0.95`, rows);
}
