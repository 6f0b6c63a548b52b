import { build } from '../build.mjs';
import { requestOf } from '../load.mjs';
import { middle } from '../rounds.mjs';
import { ISSUER, tokenShop } from '../tokens.mjs';
import { chainsOf } from './chains.mjs';
import { nestAuthRefresh } from './nest-auth.mjs';
import { MODERATE, rowsOf, sampled, SATURATING } from './sampled.mjs';

async function refreshVariants(options) {
  const { tree, redis } = options;
  const variants = [
    { name: 'an empty POST', file: 'refresh.mjs', config: { flow: 'empty', chains: 1 }, nextOf: chainsOf(jsonBody) },
  ];
  for (const algorithm of ['ES256', 'HS256']) {
    const { keys } = await tokenShop(algorithm);
    const config = { algorithm, keys, redis: redis.url, issuer: ISSUER, chains: SATURATING, build };
    variants.push(
      {
        name: `Keyturn, ${algorithm}`,
        file: 'refresh.mjs',
        config: { ...config, flow: 'keyturn' },
        nextOf: chainsOf(jsonBody),
      },
      {
        name: `hand-written, ${algorithm}`,
        file: 'refresh.mjs',
        config: { ...config, flow: 'handWritten' },
        nextOf: chainsOf(jsonBody),
      },
    );
  }
  const peer = { peers: tree, redis: redis.url, sessions: SATURATING };
  const file = '../peers/servers/refresh.mjs';
  variants.push(
    { name: 'oidc-provider, ES256', file, config: { ...peer, peer: 'oidc' }, nextOf: chainsOf(formBody) },
    {
      name: 'better-auth, session and JWT renewed, ES256',
      file,
      config: { ...peer, peer: 'betterAuth' },
      nextOf: ({ cookies }) => {
        const requests = cookies.map((cookie) =>
          requestOf('GET /api/auth/get-session', { headers: [`Cookie: ${cookie}`] }),
        );
        return (connection) => requests[connection];
      },
    },
    ...nestAuthRefresh(options),
  );
  return variants;
}

const jsonBody = (token) =>
  requestOf('POST /auth/refresh', { body: `{"refresh_token":"${token || 'x'.repeat(430)}"}` });
const formBody = (token) =>
  requestOf('POST /token', {
    body: `grant_type=refresh_token&client_id=app&refresh_token=${token}`,
    type: 'application/x-www-form-urlencoded',
  });

export async function refreshRow(options) {
  const samples = await sampled(await refreshVariants(options), options);
  return { title: 'a refresh on Redis, 50 connections', rows: rowsOf(samples, 'an empty POST', true) };
}

export async function latencyRow(options) {
  const samples = await sampled(await refreshVariants(options), { ...options, connections: MODERATE });
  const rows = [...samples].map(([{ name }, own]) => ({
    variant: name,
    'p50 ms': middle(own, 'p50').toFixed(2),
    'p99 ms': middle(own, 'p99').toFixed(2),
  }));
  return { title: 'a refresh on Redis, 8 connections', rows };
}
