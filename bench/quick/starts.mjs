import { build } from '../build.mjs';
import { startRedis } from '../redis.mjs';
import { startServer } from '../server-process.mjs';
import { ISSUER, tokenShop } from '../tokens.mjs';

/**
 * Starts the servers of those benches that nothing else here runs: what they call of the library may be gone.
 * @throws Error for a server that does not start
 */
export async function startTheRest() {
  const redis = await startRedis();
  const { keys } = await tokenShop('ES256');
  const common = { build, issuer: ISSUER, keys, redis: redis.url };
  const servers = await Promise.all([
    startServer('revocation.mjs', { ...common, sessions: 1, revoked: 1 }),
    startServer('sockets.mjs', { ...common, sessions: 1 }),
  ]);
  await Promise.all(servers.map(({ stop }) => stop()));
  await redis.stop();
}
