import { formatPolicyReport, policyReport, resolveOptions } from '../../index.js';
import { formatDuration } from '../../internal.js';
import { ACCOUNT_PATH } from '../http/account-page.js';
import { API_PAGE } from '../http/api-page-path.js';
import { showsMetricsOnPort } from '../config/metrics-on-port.js';
import { notForProduction } from '../config/production.js';
import type { ServiceConfig } from '../config/service.config.js';

/** What a start tells its operator: where it is, what it runs on, and what of that is not for production. */
export function startReport(config: ServiceConfig, port: number, hasPlayground = false): string {
  const policy = resolveOptions(config.auth, config.strategy);
  const { accessTtl, idleTtl, absoluteTtl } = policy.clients.get('default')!;
  const url = `http://localhost:${port}`;
  const rows: readonly (readonly [string, string])[] = [
    ...(hasPlayground ? ([['playground', `${url}/`]] as const) : []),
    ['Keyturn', `${url} (issuer ${policy.issuer})`],
    policy.keepsSessions
      ? ['sessions', config.redis ? 'in Redis' : 'in memory *']
      : ['revocations', config.redis ? 'by Redis' : 'in memory *'],
    ['users', config.databaseUrl ? 'in PostgreSQL' : `embedded PostgreSQL in ${config.dataDir} *`],
    ['keys', config.keys === undefined ? `generated, in ${config.dataDir}/keys.json *` : 'from the settings'],
    ['registration', config.registration === 'open' ? 'open *' : 'closed'],
    [
      'policy',
      `${policy.strategy}: access tokens ${formatDuration(accessTtl)}, sessions end after ` +
        (policy.slides ? `${formatDuration(idleTtl)} unused and ` : '') +
        `${formatDuration(absoluteTtl)} in all`,
    ],
    ['metrics', metricsPlace(config, url)],
    ...(config.accountClient ? [['account page', `${url}${ACCOUNT_PATH}`] as const] : []),
    ['API', config.docs === 'on' ? `${url}/${API_PAGE}` : 'page is off'],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(14)}${value}`);
  const notes = notForProduction({ ...config, issuerGiven: true }).map((note) => `  * ${note}`);
  const meaning = formatPolicyReport(policyReport(policy));
  return ['', ...lines, '', meaning, ...(notes.length > 0 ? ['', '  Not for production:', ...notes] : []), '', ''].join(
    '\n',
  );
}

function metricsPlace(config: ServiceConfig, url: string): string {
  if (config.metricsPort !== undefined) return `port ${config.metricsPort}`;
  return showsMetricsOnPort(config) ? `${url}/metrics, for this machine only` : 'off: set METRICS_PORT';
}
