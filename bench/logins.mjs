import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../scripts/started-process.mjs';
import { startPostgresServer } from '../test/support/postgres-process.mjs';
import { build } from './build.mjs';
import { percentile } from './load.mjs';
import { productionSettings } from './production.mjs';
import { startRedis } from './redis.mjs';
import { interleave, middle, ratio } from './rounds.mjs';
import { printTable } from './table.mjs';

const LOGINS = 16;
const CLIENTS = 4;
/** Milliseconds between two requests of a client: what waits then waits for logins, not for the other clients. */
const PAUSE = 5;
const PASSWORD = 'correct horse battery staple';

/**
 * What logins do to other requests: docs/performance.md, goal 9. The service may use every core, as in production. A round
 * is a quiet time and one in which 16 clients log in without a pause; what counts is the ratio within a round.
 */
export async function logins({ rounds = 9, milliseconds = 2_000 }) {
  const [redis, postgres] = [await startRedis(), await startPostgresServer()];
  let service;
  try {
    await postgres.ready;
    const production = await productionSettings({ redis: redis.url, postgres: postgres.url });
    const open = { REGISTRATION: 'open', ALLOW_IN_PRODUCTION: 'open-registration', LOGIN_LIMITS: 'off' };
    service = await startProcess({ entry: fileURLToPath(new URL('main.js', build)), env: { ...production, ...open } });
    const post = (path, body, status, agent) =>
      call(agent, { url: `${service.url}/auth/${path}`, method: 'POST', body: JSON.stringify(body), status });
    // Who asks is none of those who log in: a 21st login ends the oldest session of its account.
    const [reader, ...accounts] = Array.from({ length: LOGINS + 1 }, (_, index) => ({
      email: `user-${index}@shop.example`,
      password: PASSWORD,
    }));
    for (const account of [reader, ...accounts]) await post('register', account, 201);
    const { access_token: token } = JSON.parse(await post('login', reader, 200));
    const guarded = { url: `${service.url}/auth/check`, method: 'GET', token, status: 204 };

    const sample = async ({ clients }) => {
      // For each sample: the service closes connections that were idle for as long as another sample takes.
      const agent = new Agent({ keepAlive: true });
      const until = performance.now() + milliseconds;
      const busy = accounts
        .slice(0, clients)
        .map((account) => repeat(until, 0, () => post('login', account, 200, agent)));
      const asking = Array.from({ length: CLIENTS }, () => repeat(until, PAUSE, () => call(agent, guarded)));
      const latencies = (await Promise.all(asking)).flat().toSorted((a, b) => a - b);
      const perSecond = ((await Promise.all(busy)).flat().length / milliseconds) * 1000;
      agent.destroy();
      return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), perSecond };
    };
    const variants = [{ clients: 0 }, { clients: LOGINS }];
    for (const variant of variants) await sample(variant);
    report(await interleave(variants, rounds, sample));
    await service.stop();
  } finally {
    await service?.kill();
    await Promise.all([redis.stop(), postgres.stop()]);
  }
}

/** One after the other until then. @returns milliseconds of each */
async function repeat(until, pause, act) {
  const times = [];
  while (performance.now() < until) {
    const started = performance.now();
    await act();
    times.push(performance.now() - started);
    if (pause > 0) await sleep(pause);
  }
  return times;
}

/** By Node's own client on kept connections: `fetch` would take more time than what is measured. */
function call(agent, { url, method, body, token, status }) {
  const headers = {
    ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece) => (text += piece));
      answer.on('end', () =>
        answer.statusCode === status ? resolve(text) : reject(new Error(`${url}: ${answer.statusCode} ${text}`)),
      );
    });
    sent.on('error', reject).end(body);
  });
}

function report(samples) {
  const [quiet] = samples.values();
  const rows = [...samples].map(([{ clients }, own]) => ({
    'guarded requests': clients === 0 ? 'quiet' : `under ${clients} logins at a time`,
    'p50 ms': middle(own, 'p50').toFixed(2),
    'p99 ms': middle(own, 'p99').toFixed(2),
    'p99 to the quiet one, median of rounds': ratio(own, quiet, 'p99').toFixed(2),
    'logins/s': middle(own, 'perSecond').toFixed(0),
  }));
  printTable('Logins beside requests', rows);
}
