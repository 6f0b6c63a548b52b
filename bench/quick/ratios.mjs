import { guardSamples } from '../guard.mjs';
import { refreshSamples } from '../refresh.mjs';
import { least } from '../rounds.mjs';
import { startServer } from '../server-process.mjs';

const SHORT = { rounds: 3, milliseconds: 300, warmFor: 2_500 };

/** How much faster one is than the other by CPU: the larger, the better for us. */
export async function measureRatios() {
  const guards = byName(
    await guardSamples({
      ...SHORT,
      adapter: 'fastify',
      only: /^(AuthGuard\('jwt'\), HS256, key|Keyturn, HS256, first|Keyturn, seen before, 1 token$)/,
    }),
  );
  const refreshes = byName(await refreshSamples({ ...SHORT, only: /^Keyturn, HS256$/ }));
  const verifier = await verify();
  return {
    'guard, seen before, beside the unguarded route': guards('Keyturn, seen before, 1 token', 'unguarded'),
    "guard, first sight, HS256, beside AuthGuard('jwt')": guards(
      'Keyturn, HS256, first sight',
      "AuthGuard('jwt'), HS256, key object",
    ),
    'refresh, HS256, beside an empty POST': refreshes('Keyturn, HS256', 'empty POST route'),
    'refusing random text, beside verifying a refresh token': verifier('refuse: random text', 'verify a refresh token'),
  };
}

function byName(samples) {
  const cpu = Object.fromEntries([...samples].map(([{ name }, own]) => [name, least(own, 'cpu')]));
  return (one, other) => cpu[other] / cpu[one];
}

async function verify() {
  const server = await startServer('verifier.mjs', { rounds: 3, milliseconds: 40, algorithms: [] });
  await server.stop();
  return byName(server.results.map(({ name, samples }) => [{ name }, samples]));
}
