import { build } from '../build.mjs';
import { startRedis } from '../redis.mjs';
import { startServer } from '../server-process.mjs';
import { ISSUER, tokenShop } from '../tokens.mjs';

/** So many sessions do the same; what the process does by itself meanwhile is rounded away. */
const TIMES = 200;

/**
 * Redis commands for one request of each kind, by name, those within scripts included: what `INFO commandstats` has
 * counted, divided by the number of requests and rounded to tenths.
 */
export async function countCommands() {
  const redis = await startRedis();
  const { keys } = await tokenShop('HS256');
  const config = {
    flow: 'keyturn',
    build,
    algorithm: 'HS256',
    keys,
    redis: redis.url,
    issuer: ISSUER,
    chains: TIMES + 1,
  };
  const server = await startServer('refresh.mjs', config);
  const counts = {};
  const count = async (name, act) => {
    // The first one brings the script; that is not for each request.
    await act(sessions[0]);
    await redis.client.config('RESETSTAT');
    await Promise.all(sessions.slice(1).map(act));
    counts[name] = perRequest(await redis.client.info('commandstats'));
  };
  const refresh = (status) => async (session, token) => {
    const answer = await call(server, { body: { refresh_token: token }, status });
    if (answer.refresh_token !== undefined)
      Object.assign(session, { access: answer.access_token, refresh: answer.refresh_token });
    return answer;
  };
  const sessions = server.refreshTokens.map((token) => ({ first: token, refresh: token }));
  const succeed = refresh(200);
  const fail = refresh(401);
  await count('refresh', (session) => succeed(session, session.refresh));
  await count('refresh, the answer lost, repeated', (session) => succeed(session, session.first));
  await count('guarded route', ({ access }) =>
    call(server, { path: 'check', method: 'GET', token: access, status: 204 }),
  );
  await count('list of own sessions', ({ access }) =>
    call(server, { path: 'sessions', method: 'GET', token: access, status: 200 }),
  );
  await count('refresh with random text', (session) => fail(session, 'x'.repeat(200)));
  await count('refresh, a second time', (session) => succeed(session, session.refresh));
  await count('refresh with a token used before', (session) => fail(session, session.first));
  await count('refresh of an ended session', (session) => fail(session, session.refresh));
  await server.stop();
  await redis.stop();
  return counts;
}

async function call({ port }, { path = 'refresh', method = 'POST', body, token, status }) {
  const headers = {
    ...(body && { 'content-type': 'application/json' }),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const answer = await fetch(`http://127.0.0.1:${port}/auth/${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`/auth/${path}: want ${status}, got ${answer.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

/** `cmdstat_hget:calls=200,usec=…` */
function perRequest(stats) {
  const counts = {};
  for (const [, name, calls] of stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    const each = Math.round((Number(calls) / TIMES) * 10) / 10;
    if (each > 0) counts[name] = each;
  }
  return Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
