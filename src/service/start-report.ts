import { resolveOptions, formatDuration, traitsOf } from '../index.js';
import { API_PAGE } from './openapi.js';
import type { ServiceConfig } from './service.config.js';

/** What a start tells its operator: where it is, what it runs on, and what of that is not for production. */
export function startReport(config: ServiceConfig, port: number): string {
  const policy = resolveOptions({ ...config.auth, keys: undefined }, config.strategy);
  const { accessTtl, idleTtl, absoluteTtl } = policy.clients.get('default')!;
  const url = `http://localhost:${port}`;
  const rows: readonly (readonly [string, string])[] = [
    ['Keyturn', `${url} (issuer ${policy.issuer})`],
    policy.keepsSessions
      ? ['sessions', config.redis ? 'in Redis' : 'in memory *']
      : ['revocations', config.redis ? 'by Redis' : 'in memory *'],
    ['users', `embedded PostgreSQL in ${config.dataDir} *`],
    ['keys', config.keys === undefined ? `generated, in ${config.dataDir}/keys.json *` : 'from the settings'],
    ['registration', config.registration === 'open' ? 'open *' : 'closed'],
    [
      'policy',
      `${policy.strategy}: access tokens ${formatDuration(accessTtl)}, sessions end after ` +
        (policy.slides ? `${formatDuration(idleTtl)} unused and ` : '') +
        `${formatDuration(absoluteTtl)} in all`,
    ],
    ['API', config.docs ? `${url}/${API_PAGE}` : 'page is off'],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(14)}${value}`);
  const notes = notForProduction(config).map((note) => `  * ${note}`);
  return ['', ...lines, ...(notes.length > 0 ? ['', '  Not for production:', ...notes] : []), '', ''].join('\n');
}

function notForProduction({ redis, keys, registration, strategy }: ServiceConfig): string[] {
  const inMemory = traitsOf(strategy).keepsSessions
    ? 'sessions in memory are gone after a restart, and known to one process only: set REDIS_URL'
    : 'a restart forgets which tokens were called back, and they are good again until they end: set REDIS_URL';
  return [
    ...(redis ? [] : [inMemory]),
    'the embedded database is for one process on one machine',
    ...(keys === undefined ? ['whoever can read the data folder can sign tokens: set AUTH_KEYS_FILE'] : []),
    ...(registration === 'open' ? ['anyone can make an account: set REGISTRATION=closed'] : []),
  ];
}
