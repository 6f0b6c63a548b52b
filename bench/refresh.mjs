import { besideOther, build } from './build.mjs';
import { requestOf } from './load.mjs';
import { measure, warmUp } from './measure.mjs';
import { startPostgresServer } from '../test/support/postgres-process.mjs';
import { productionSettings } from './production.mjs';
import { startRedis } from './redis.mjs';
import { interleave, least, middle, ratio, spread, whole } from './rounds.mjs';
import { startServer } from './server-process.mjs';
import { printTable } from './table.mjs';
import { ISSUER, tokenShop } from './tokens.mjs';

const SATURATING = 50;
const MODERATE = 8;
/** Before so many refreshes the code is slower by a multiple, however long they take. */
const WARM_AFTER = 5_000;
const DEVICE = {
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  ip: '203.0.113.7',
};

/** What a refresh costs over HTTP, Redis included: docs/performance.md, goal 3. Every connection rotates a chain of its own. */
export async function refresh({ rounds = 5, milliseconds = 1_200, only }) {
  const redis = await startRedis();
  const postgres = await startPostgresServer();
  await postgres.ready;
  const variants = await startVariants(redis, only, { postgres: postgres.url });
  const sample = (connections) => async (variant) => {
    const before = await redis.cpu();
    const result = await measure({ ...variant, connections, milliseconds });
    return { ...result, redis: ((await redis.cpu()) - before) / result.requests };
  };
  const saturated = await interleave(variants, rounds, sample(SATURATING));
  const moderate = await interleave(variants, Math.min(rounds, 3), sample(MODERATE));
  await Promise.all(variants.map(({ server }) => server.stop()));
  await Promise.all([redis.stop(), postgres.stop()]);
  reportThroughput(saturated);
  reportLatency(moderate);
}

/** @returns for each variant, the empty route first, its samples under 50 connections */
export async function refreshSamples({ rounds, milliseconds, only, warmFor }) {
  const redis = await startRedis();
  const variants = await startVariants(redis, only, { warmFor });
  const samples = await interleave(variants, rounds, (variant) =>
    measure({ ...variant, connections: SATURATING, milliseconds }),
  );
  await Promise.all(variants.map(({ server }) => server.stop()));
  await redis.stop();
  return samples;
}

async function startVariants(redis, only, { warmFor, postgres } = {}) {
  const variants = besideOther(await variantsOf(redis, postgres)).filter(
    ({ name }, index) => index === 0 || !only || only.test(name),
  );
  await Promise.all(variants.map(async (variant) => Object.assign(variant, await startVariant(variant))));
  for (const { server, next } of variants) {
    await warmUp({ server, connections: SATURATING, next, forAtMost: warmFor, atLeast: WARM_AFTER });
  }
  return variants;
}

async function variantsOf({ url }, postgres) {
  const variants = [{ name: 'empty POST route', config: { flow: 'empty' } }];
  for (const algorithm of ['ES256', 'HS256']) {
    const { keys } = await tokenShop(algorithm);
    const common = { algorithm, keys, redis: url, issuer: ISSUER, chains: SATURATING };
    const keyturn = { ...common, flow: 'keyturn', build };
    variants.push(
      { name: `its parts, ${algorithm}`, config: { ...common, flow: 'parts' } },
      { name: `hand-written, ${algorithm}`, config: { ...common, flow: 'handWritten' } },
      { name: `Keyturn, ${algorithm}`, config: keyturn },
      {
        name: `Keyturn, ${algorithm}, device and roles`,
        config: { ...keyturn, device: DEVICE, claims: { roles: ['user'] } },
      },
    );
  }
  if (postgres) variants.push(await wholeService(url, postgres));
  return variants;
}

/** With all that it does beside: it reads the user of each refresh from PostgreSQL, counts and writes an audit line. */
async function wholeService(redis, postgres) {
  const open = { REGISTRATION: 'open', ALLOW_IN_PRODUCTION: 'open-registration', LOGIN_LIMITS: 'off' };
  const settings = { ...(await productionSettings({ redis, postgres })), ...open };
  return { name: 'the service, ES256', file: 'service.mjs', config: { settings, build, chains: SATURATING } };
}

async function startVariant({ config, file = 'refresh.mjs' }) {
  const server = await startServer(file, { chains: 1, ...config });
  const tokens = server.refreshTokens;
  // Where nothing turns, the body is as long as a refresh token of ours.
  const body = (token) => `{"refresh_token":"${token || 'x'.repeat(430)}"}`;
  const next = (connection, answer) => {
    if (answer !== null) tokens[connection] = /"refresh_token":"([^"]+)"/.exec(answer)?.[1];
    return requestOf('POST /auth/refresh', { body: body(tokens[connection]) });
  };
  return { server, next };
}

function reportThroughput(samples) {
  const [reference] = samples.values();
  const rows = [...samples].map(([{ name }, own]) => ({
    refresh: name,
    'refreshes/s': whole(middle(own, 'perSecond')),
    'min–max': spread(own, 'perSecond'),
    'of empty': ratio(own, reference, 'perSecond').toFixed(3),
    'CPU µs': least(own, 'cpu').toFixed(1),
    'by CPU': (least(reference, 'cpu') / least(own, 'cpu')).toFixed(3),
    'of its parts, by CPU': timesItsParts(samples, name, own),
    'core busy': `${Math.round(middle(own, 'busy') * 100)} %`,
    'Redis CPU µs': least(own, 'redis').toFixed(1),
  }));
  printTable(`Refresh on Fastify and Redis, ${SATURATING} connections`, rows);
}

/** The CPU time of a refresh, in that of what none can do without. */
function timesItsParts(samples, name, own) {
  const [, algorithm] = /, (\w+)/.exec(name) ?? [];
  const [, parts] = [...samples].find(([other]) => other.name === `its parts, ${algorithm}`) ?? [];
  return parts ? ratio(own, parts, 'cpu').toFixed(2) : '';
}

function reportLatency(samples) {
  const rows = [...samples].map(([{ name }, own]) => ({
    refresh: name,
    'refreshes/s': whole(middle(own, 'perSecond')),
    'p50 ms': middle(own, 'p50').toFixed(2),
    'p99 ms': middle(own, 'p99').toFixed(2),
    'core busy': `${Math.round(middle(own, 'busy') * 100)} %`,
  }));
  printTable(`Refresh on Fastify and Redis, ${MODERATE} connections`, rows);
}
