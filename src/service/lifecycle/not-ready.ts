import { redisSettings } from '../../internal.js';
import type { ServiceConfig } from '../config/service.config.js';
import type { PartStates } from '../health/service-parts.js';

/**
 * The last line of a start at which a part does not answer, and where that part is; undefined if all do. It never
 * prints a user name or a password.
 */
export function notReadyLine({ store, users, feed }: PartStates, config: ServiceConfig): string | undefined {
  const parts = [
    ...(store === 'down' ? [`sessions (${redisPlace(config)})`] : []),
    ...(store !== 'down' && feed === 'down' ? [`revocations (${redisPlace(config)})`] : []),
    ...(users === 'down' ? [`users (${databasePlace(config)})`] : []),
  ];
  if (parts.length === 0) return undefined;
  return `  Not ready: no answer from ${parts.join(' and ')}. It is tried again; GET /health/ready tells when it answers.\n`;
}

function redisPlace({ redis }: ServiceConfig): string {
  if (redis === undefined) return 'in memory';
  const { at } = redisSettings(redis);
  return at.kind === 'client'
    ? 'Redis'
    : `Redis at ${at.servers.map(({ host, port }) => `${host}:${port}`).join(', ')}`;
}

function databasePlace({ databaseUrl, dataDir }: ServiceConfig): string {
  return databaseUrl === undefined ? `embedded in ${dataDir}` : `PostgreSQL at ${new URL(databaseUrl).host}`;
}
