import { startRedis } from '../redis.mjs';
import { whole } from '../rounds.mjs';
import { startServer } from '../server-process.mjs';
import { sessionBytes } from '../store.mjs';

/** So many sessions of as many users: Redis' tables of keys are as full as at any power of two times this. */
const SESSIONS = 5_000;

export async function storeRow({ tree }) {
  const others = {
    'express-session, connect-redis': { file: 'guard.mjs', config: { peer: 'expressSession', adapter: 'express' } },
    'better-auth': { file: 'refresh.mjs', config: { peer: 'betterAuth' } },
    'oidc-provider, a grant and a refresh token': { file: 'refresh.mjs', config: { peer: 'oidc' } },
  };
  const bytes = { Keyturn: (await sessionBytes())['one per user'] };
  for (const [name, { file, config }] of Object.entries(others)) {
    const redis = await startRedis();
    const open = async (sessions) => {
      await redis.client.flushall();
      const before = await redis.usedMemory();
      const server = await startServer(`../peers/servers/${file}`, {
        ...config,
        peers: tree,
        redis: redis.url,
        sessions,
      });
      const grown = (await redis.usedMemory()) - before;
      await server.stop();
      return grown;
    };
    // What connections and scripts take is the same in both.
    const [few, all] = [await open(10), await open(SESSIONS)];
    bytes[name] = (all - few) / (SESSIONS - 10);
    await redis.stop();
  }
  const rows = Object.entries(bytes).map(([name, size]) => ({ variant: name, 'bytes per session': whole(size) }));
  return { title: "Redis' memory for the only session of a user", rows };
}
