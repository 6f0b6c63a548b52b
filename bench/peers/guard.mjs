import { randomUUID } from 'node:crypto';
import { build } from '../build.mjs';
import { requestOf } from '../load.mjs';
import { ISSUER, tokenShop } from '../tokens.mjs';
import { nestAuthGuard } from './nest-auth.mjs';
import { anyOf, rowsOf, sampled, SATURATING } from './sampled.mjs';

const MANY = 2_000;
const PEER = '../peers/servers/guard.mjs';

const bearer = (token) => requestOf('GET /', { headers: [`Authorization: Bearer ${token}`] });
const bearers = (shop) => Array.from({ length: MANY }, () => bearer(shop.issue(randomUUID())));
const cookies = ({ cookies: all }) =>
  anyOf(all.map((cookie) => requestOf('GET /', { headers: [`Cookie: ${cookie}`] })));

export async function guardRow(options) {
  const { tree, redis } = options;
  const [es256, hs256] = [await tokenShop('ES256'), await tokenShop('HS256')];
  const many = { ES256: bearers(es256), HS256: bearers(hs256) };
  const tokens = (algorithm) => () => anyOf(many[algorithm]);
  const shop = (algorithm) => (algorithm === 'HS256' ? hs256 : es256);
  const keysOf = (algorithm) => {
    const { keys, secret, publicKey } = shop(algorithm);
    return { adapter: 'fastify', issuer: ISSUER, algorithm, keys, secret, publicKey };
  };
  const nest = (name, algorithm, config) => ({
    name,
    file: 'guard.mjs',
    config: { ...keysOf(algorithm), build, ...config },
    guarded: config.guard !== 'unguarded' && '/',
    nextOf: tokens(algorithm),
  });
  const peer = (name, config, nextOf) => ({
    name,
    file: PEER,
    config: { adapter: 'fastify', peers: tree, redis: redis.url, sessions: SATURATING, ...config },
    guarded: '/',
    nextOf,
  });
  const fastJwt = (name, algorithm, cached) =>
    peer(name, { peer: 'fastJwt', ...keysOf(algorithm), cached }, tokens(algorithm));
  const samples = await sampled(
    [
      nest('no guard', 'ES256', { guard: 'unguarded' }),
      nest('Keyturn, tokens seen before', 'ES256', { guard: 'keyturn' }),
      nest('Keyturn, HS256, first sight', 'HS256', { guard: 'keyturn', tokenCacheMax: 0 }),
      nest('Keyturn, ES256, first sight', 'ES256', { guard: 'keyturn', tokenCacheMax: 0 }),
      nest("AuthGuard('jwt'), HS256", 'HS256', { guard: 'stock' }),
      nest("AuthGuard('jwt'), ES256", 'ES256', { guard: 'stock' }),
      fastJwt('fast-jwt, HS256', 'HS256', false),
      fastJwt('fast-jwt, HS256, its cache', 'HS256', true),
      fastJwt('fast-jwt, ES256, its cache', 'ES256', true),
      peer('better-auth, Redis', { peer: 'betterAuth' }, cookies),
      peer('better-auth, Redis, cookie cache', { peer: 'betterAuth', cookieCache: true }, cookies),
    ],
    options,
  );
  return {
    title: 'a guarded route on Nest and Fastify, 2,000 tokens, 50 connections',
    rows: rowsOf(samples, 'no guard'),
  };
}

export async function guardOnExpressRow(options) {
  const { tree, redis } = options;
  const es256 = await tokenShop('ES256');
  const many = bearers(es256);
  const keys = { adapter: 'express', issuer: ISSUER, algorithm: 'ES256', keys: es256.keys, build };
  const nest = (name, guard) => ({
    name,
    file: 'guard.mjs',
    config: { ...keys, guard },
    guarded: guard !== 'unguarded' && '/',
    nextOf: () => anyOf(many),
  });
  const session = { adapter: 'express', peer: 'expressSession', peers: tree, redis: redis.url, sessions: 1_000 };
  const samples = await sampled(
    [
      nest('no guard', 'unguarded'),
      nest('Keyturn, tokens seen before', 'keyturn'),
      {
        name: 'express-session, connect-redis',
        file: PEER,
        config: session,
        guarded: '/',
        nextOf: cookies,
      },
      ...nestAuthGuard(options),
    ],
    options,
  );
  return { title: 'a guarded route on Nest and Express, 50 connections', rows: rowsOf(samples, 'no guard') };
}
