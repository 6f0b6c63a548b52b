import { randomUUID } from 'node:crypto';
import { besideOther, build } from './build.mjs';
import { requestOf } from './load.mjs';
import { measure, warmUp } from './measure.mjs';
import { interleave, least, middle, ratio, spread, whole } from './rounds.mjs';
import { startServer } from './server-process.mjs';
import { printTable } from './table.mjs';
import { ISSUER, tokenShop } from './tokens.mjs';

const CONNECTIONS = 50;
const MANY = 10_000;
const NO_PRETENURING = ['--no-allocation-site-pretenuring'];

/** Before so many requests the code is slower by a multiple, however long they take. */
const WARM_AFTER = 5_000;

/** What a guard costs a route that does nothing: docs/performance.md, goal 1, 2 and 5. */
export async function guard({ rounds = 5, milliseconds = 1_200, adapters = ['fastify', 'express'], only }) {
  for (const adapter of adapters) {
    const samples = await guardSamples({ rounds, milliseconds, adapter, only });
    report(`Guard on ${adapter === 'express' ? 'Express' : 'Fastify'}, ${CONNECTIONS} connections`, samples);
  }
}

/** @returns for each variant, the unguarded route first, its samples; `only`: a pattern of the others' names */
export async function guardSamples({ rounds, milliseconds, adapter, only, warmFor }) {
  const [es256, hs256] = [await tokenShop('ES256'), await tokenShop('HS256')];
  const requests = {
    es256: requestsOf(es256, MANY),
    hs256: requestsOf(hs256, 1),
    check: requestsOf(es256, 1, '/auth/check'),
  };
  const variants = besideOther(variantsOf(adapter, es256, hs256, requests)).filter(
    ({ name }, index) => index === 0 || !only || only.test(name),
  );
  await Promise.all(variants.map(async (variant) => (variant.server = await startServer('guard.mjs', variant.config))));
  for (const variant of variants) await warm(variant, warmFor);
  const samples = await interleave(variants, rounds, (variant) => measureGuard(variant, milliseconds));
  await Promise.all(variants.map(({ server }) => server.stop()));
  return samples;
}

function variantsOf(adapter, es256, hs256, requests) {
  const shop = (algorithm) => (algorithm === 'ES256' ? es256 : hs256);
  const tokens = (algorithm, count) => (algorithm === 'ES256' ? requests.es256 : requests.hs256).slice(0, count);
  const stock = (algorithm, what, more) => {
    const { secret, publicKey } = shop(algorithm);
    const config = { adapter, guard: 'stock', issuer: ISSUER, algorithm, secret, publicKey, ...more };
    return { name: `AuthGuard('jwt'), ${algorithm}, ${what}`, config, requests: tokens(algorithm, 1) };
  };
  const keyturn = (what, algorithm, count, more) => {
    const { keys } = shop(algorithm);
    const config = { adapter, guard: 'keyturn', build, issuer: ISSUER, algorithm, keys, ...more };
    return { name: `Keyturn, ${what}`, config, requests: tokens(algorithm, count) };
  };
  return [
    { name: 'unguarded', config: { adapter, guard: 'unguarded' }, requests: tokens('ES256', 1) },
    // What `keyturn/tick-shape` is for: the same without it.
    {
      name: 'unguarded, without tick-shape',
      config: { adapter, guard: 'unguarded', slowTicks: true },
      requests: tokens('ES256', 1),
    },
    { name: 'a guard that does nothing', config: { adapter, guard: 'idle' }, requests: tokens('ES256', 1) },
    stock('HS256', 'text', { asText: true }),
    stock('HS256', 'key object'),
    stock('ES256', 'text', { asText: true }),
    stock('ES256', 'key object'),
    keyturn('HS256, first sight', 'HS256', 1, { tokenCacheMax: 0 }),
    keyturn('ES256, first sight', 'ES256', 1, { tokenCacheMax: 0 }),
    keyturn('seen before, 1 token', 'ES256', 1),
    keyturn('seen before, 1 token, without tick-shape', 'ES256', 1, { slowTicks: true }),
    keyturn('seen before, 10,000 tokens', 'ES256', MANY),
    // docs/performance.md, "Objects that V8 takes for long-lived".
    stock('HS256', 'key object, without pretenuring', { flags: NO_PRETENURING }),
    keyturn('HS256, first sight, without pretenuring', 'HS256', 1, { tokenCacheMax: 0, flags: NO_PRETENURING }),
    keyturn('seen before, 10,000 tokens, without pretenuring', 'ES256', MANY, { flags: NO_PRETENURING }),
    // What Nest itself asks for running any interceptor: the next row cannot be better.
    keyturn('and an interceptor that does nothing', 'ES256', 1, { passing: true }),
    keyturn('sliding, not due', 'ES256', 1, { sliding: true }),
    // docs/oauth.md: asked by a proxy for each request that it lets through.
    { ...keyturn('GET /auth/check, seen before', 'ES256', 1, { check: true }), requests: requests.check },
  ];
}

/** The unguarded route gets the same header: parsing it is Node's cost, not the guard's. */
const requestsOf = (shop, count, path = '/') =>
  Array.from({ length: count }, () =>
    requestOf(`GET ${path}`, { headers: [`Authorization: Bearer ${shop.issue(randomUUID())}`] }),
  );

/** Each token is seen once. */
async function warm({ server, requests }, forAtMost) {
  let sent = 0;
  const next = () => requests[sent++ % requests.length];
  await warmUp({ server, connections: CONNECTIONS, next, atLeast: Math.max(requests.length, WARM_AFTER), forAtMost });
}

const measureGuard = ({ server, requests }, milliseconds) =>
  measure({
    server,
    connections: CONNECTIONS,
    milliseconds,
    next: () => requests[Math.floor(Math.random() * requests.length)],
  });

function report(title, samples) {
  const [reference] = samples.values();
  const rows = [...samples].map(([{ name }, own]) => ({
    route: name,
    'requests/s': whole(middle(own, 'perSecond')),
    'min–max': spread(own, 'perSecond'),
    'of unguarded': ratio(own, reference, 'perSecond').toFixed(3),
    'CPU µs': least(own, 'cpu').toFixed(1),
    'added µs': (least(own, 'cpu') - least(reference, 'cpu')).toFixed(1),
    'by CPU': (least(reference, 'cpu') / least(own, 'cpu')).toFixed(3),
    'core busy': `${Math.round(middle(own, 'busy') * 100)} %`,
  }));
  printTable(title, rows);
}
