import { build } from './build.mjs';
import { drive, requestOf } from './load.mjs';
import { warmUp } from './measure.mjs';
import { startRedis } from './redis.mjs';
import { interleave, least, middle, spread, whole } from './rounds.mjs';
import { startServer } from './server-process.mjs';
import { printTable } from './table.mjs';
import { ISSUER, tokenShop } from './tokens.mjs';

const COUNTS = [1, 2, 4];
/** Of all processes together, so that a variant differs from the next in the number of processes alone. */
const CONNECTIONS = 48;

/**
 * What a refresh costs Node and Redis when one, two and four processes share a Redis: docs/scaling.md. All processes share
 * one core, so their throughput together tells nothing; the CPU time of a refresh does.
 */
export async function processes({ rounds = 5, milliseconds = 1_200 }) {
  const redis = await startRedis();
  const { keys } = await tokenShop('ES256');
  const variants = await Promise.all(
    COUNTS.map(async (count) => ({
      count,
      doors: await Promise.all(Array.from({ length: count }, () => startDoor(redis.url, keys, CONNECTIONS / count))),
    })),
  );
  for (const { doors } of variants) {
    for (const { server, next, connections } of doors) await warmUp({ server, connections, next });
  }
  const samples = await interleave(variants, rounds, ({ doors }) => sample(redis, doors, milliseconds));
  const rows = [...samples].map(([{ count }, own]) => ({
    processes: count,
    'Node CPU µs': least(own, 'node').toFixed(1),
    'min–max': spread(own, 'node'),
    'Redis CPU µs': least(own, 'redis').toFixed(1),
    'Redis min–max': spread(own, 'redis'),
    'commands, inside the script too': middle(own, 'commands').toFixed(3),
    'refreshes/s, all on one core': whole(middle(own, 'perSecond')),
  }));
  printTable(`Refresh (ES256) by processes that share one Redis, ${CONNECTIONS} connections`, rows);
  await reportKeys(redis, variants);
  await Promise.all(variants.flatMap(({ doors }) => doors.map(({ server }) => server.stop())));
  await redis.stop();
}

/** A process with sessions of its own, and what keeps them rotating. */
async function startDoor(redis, keys, connections) {
  const config = { flow: 'keyturn', build, algorithm: 'ES256', keys, redis, issuer: ISSUER, chains: connections };
  const server = await startServer('refresh.mjs', config);
  const tokens = server.refreshTokens;
  const next = (connection, answer) => {
    if (answer !== null) tokens[connection] = /"refresh_token":"([^"]+)"/.exec(answer)[1];
    return requestOf('POST /auth/refresh', { body: `{"refresh_token":"${tokens[connection]}"}` });
  };
  return { server, connections, next };
}

async function sample(redis, doors, milliseconds) {
  const cpuOf = async () => {
    const each = await Promise.all(doors.map(({ server }) => server.cpu()));
    return each.reduce((sum, cpu) => sum + cpu, 0);
  };
  const before = { node: await cpuOf(), redis: await redis.cpu(), commands: await redis.commands() };
  const runs = await Promise.all(
    doors.map(({ server: { port }, connections, next }) => drive({ port, connections, milliseconds, next })),
  );
  const requests = runs.reduce((sum, run) => sum + run.requests, 0);
  return {
    node: ((await cpuOf()) - before.node) / requests,
    redis: ((await redis.cpu()) - before.redis) / requests,
    commands: ((await redis.commands()) - before.commands) / requests,
    perSecond: (requests / milliseconds) * 1000,
  };
}

/** One key for each user with a session, however many sessions and rotations; and the feed. */
async function reportKeys({ client }, variants) {
  const users = variants.reduce(
    (sum, { doors }) => sum + doors.reduce((all, { connections }) => all + connections, 0),
    0,
  );
  const keys = await client.keys('*');
  const ofUsers = keys.filter((key) => key.includes('{')).length;
  printTable('Keys in Redis after the run', [
    { 'users with a session': users, 'keys of users': ofUsers, 'other keys': keys.length - ofUsers },
  ]);
}
