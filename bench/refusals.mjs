import { build } from './build.mjs';
import { requestOf } from './load.mjs';
import { measure, warmUp } from './measure.mjs';
import { startRedis } from './redis.mjs';
import { interleave, least, middle, whole } from './rounds.mjs';
import { startServer } from './server-process.mjs';
import { printTable } from './table.mjs';
import { ISSUER, tokenShop } from './tokens.mjs';

const CONNECTIONS = 50;
const bodyOf = (token) => `{"refresh_token":"${token}"}`;
const requestWith = (token) => requestOf('POST /auth/refresh', { body: bodyOf(token) });
const successorIn = (answer) => /"refresh_token":"([^"]+)"/.exec(answer)[1];

/** What a refresh costs that changes nothing, beside one that does: nobody must wear the service out by repeating a token. */
export async function refusals({ rounds = 5, milliseconds = 1_200 }) {
  const redis = await startRedis();
  const { keys } = await tokenShop('HS256');
  const config = { flow: 'keyturn', build, algorithm: 'HS256', keys, redis: redis.url, issuer: ISSUER };
  const variants = [
    { name: 'granted', nextOf: rotating },
    { name: 'repeated within grace: the same successor', nextOf: repeating },
    { name: 'refused: the session was ended by a reuse', nextOf: ended, status: '401' },
    { name: 'refused: random text', nextOf: () => () => requestWith('x'.repeat(430)), status: '401' },
  ];
  for (const variant of variants) {
    variant.server = await startServer('refresh.mjs', { ...config, chains: CONNECTIONS });
    variant.next = await variant.nextOf(variant.server);
    await warmUp({ ...variant, connections: CONNECTIONS, atLeast: 5_000 });
  }
  const samples = await interleave(variants, rounds, async (variant) => {
    const before = await redis.cpu();
    const sample = await measure({ ...variant, connections: CONNECTIONS, milliseconds });
    return { ...sample, redis: ((await redis.cpu()) - before) / sample.requests };
  });
  await Promise.all(variants.map(({ server }) => server.stop()));
  await redis.stop();
  report(samples);
}

/** Each connection rotates a chain of its own. */
function rotating({ refreshTokens }) {
  const tokens = [...refreshTokens];
  return (connection, answer) => {
    if (answer !== null) tokens[connection] = successorIn(answer);
    return requestWith(tokens[connection]);
  };
}

/** Each connection rotates once, and then gives the spent token again and again, well within grace. */
function repeating({ refreshTokens }) {
  const spent = [...refreshTokens];
  const newest = [...refreshTokens];
  return (connection, answer) => {
    if (answer === null) spent[connection] = newest[connection];
    else newest[connection] = successorIn(answer);
    return requestWith(spent[connection]);
  };
}

/** A token two steps back ends its session; what is refused then is its newest. */
async function ended({ port, refreshTokens }) {
  const refresh = async (token, status) => {
    const answer = await fetch(`http://127.0.0.1:${port}/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bodyOf(token),
    });
    const text = await answer.text();
    if (answer.status !== status) throw new Error(`want ${status}, got ${answer.status} ${text}`);
    return text;
  };
  const tokens = await Promise.all(
    refreshTokens.map(async (first) => {
      const newest = successorIn(await refresh(successorIn(await refresh(first, 200)), 200));
      await refresh(first, 401);
      return newest;
    }),
  );
  return (connection) => requestWith(tokens[connection]);
}

function report(samples) {
  const [granted] = samples.values();
  const rows = [...samples].map(([{ name }, own]) => ({
    refresh: name,
    'requests/s': whole(middle(own, 'perSecond')),
    'CPU µs': least(own, 'cpu').toFixed(1),
    'of granted, by CPU': (least(own, 'cpu') / least(granted, 'cpu')).toFixed(2),
    'Redis CPU µs': least(own, 'redis').toFixed(1),
  }));
  printTable(`Refreshes that change nothing, ${CONNECTIONS} connections`, rows);
}
