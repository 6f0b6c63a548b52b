import { AuthConfigError } from '../../index.js';
import { text, type Environment } from './environment.js';

const LOOPBACK = '127.0.0.1';
const EVERYWHERE = '::';

interface Place {
  readonly host: string | undefined;
  readonly databaseUrl: string | undefined;
}

/**
 * Where the service listens. A first look, with open registration, is for this machine alone; the network is for a
 * service whose `NODE_ENV` somebody has thought of.
 * @throws AuthConfigError for the network without a `NODE_ENV`
 */
export function hostOf({ host, databaseUrl }: Place, env: Environment, hasRedis: boolean): string {
  const named = text(env, 'NODE_ENV');
  const said = named === 'production' || named === 'development' ? named : undefined;
  const isEmbedded = databaseUrl === undefined || !hasRedis;
  if (host === undefined) {
    return said === 'production' || (said !== undefined && !isEmbedded) ? EVERYWHERE : LOOPBACK;
  }
  if (said !== undefined || isLoopback(host)) return host;
  throw AuthConfigError.of(
    'host',
    `is '${host}', which others can reach: set NODE_ENV=production, or NODE_ENV=development if this is no production`,
  );
}

/** Whether an address is one that only this machine can reach. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
