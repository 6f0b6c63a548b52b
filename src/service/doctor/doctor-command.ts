import { parseArgs } from 'node:util';
import { AuthConfigError, KeyRing, resolveOptions } from '../../index.js';
import { parseDuration } from '../../internal.js';
import type { ServiceConfig } from '../config/service.config.js';
import { keysInDataDir } from '../config/keys-in-data-dir.js';
import { readKeyFile } from '../keys/key-file.js';
import { UsageError, usageErrorOf } from '../arguments/usage-error.js';
import { checkAddress } from './address-checks.js';
import { exitCodeOf, findingsOf, findingsTable, type Finding } from './finding.js';
import { checkKeys, ringOf } from './key-checks.js';
import { checkPostgres } from './postgres-checks.js';
import { checkRedis } from './redis-checks.js';

export const DOCTOR_USAGE = `Usage: keyturn doctor [--url <address>] [--proxy-timeout <time>] [--instances <number>] [--json]

Looks at everything that the service of these settings needs: the settings, Redis, PostgreSQL, the keys, and the service as
clients see it. It only reads. Run it with the settings of the service, at its place, before and after a change.

  --url             Where clients ask; AUTH_ISSUER unless said.
  --proxy-timeout   When the proxy before the service, or a client, gives up, such as 60s: compared with REFRESH_GRACE.
  --instances       How many instances are to run; 1 unless said: compared with PostgreSQL's max_connections.
  --json            Prints { "findings": [ { "area", "check", "state", "says" } ] } instead of the table.

Exit code: 0 all is well, 3 warnings, 1 something is bad.
`;

/** What the command needs of the world. */
export interface DoctorContext {
  /** @throws AuthConfigError when the settings cannot be used */
  readonly config: () => Promise<ServiceConfig>;
  readonly write: (text: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * `keyturn doctor`.
 * @returns the exit code
 * @throws UsageError for what is no command
 */
export async function runDoctor(args: readonly string[], { config, write, now }: DoctorContext): Promise<0 | 1 | 3> {
  const options = parsed(args);
  const findings: Finding[] = [];
  try {
    findings.push(...(await examine(await config(), options, now)));
  } catch (error) {
    if (!(error instanceof AuthConfigError)) throw error;
    findings.push(findingsOf('settings')('settings', 'bad', `${error.message}.`));
  }
  write(options.json ? `${JSON.stringify({ findings }, null, 2)}\n` : findingsTable(findings));
  return exitCodeOf(findings);
}

async function examine(config: ServiceConfig, options: DoctorOptions, now: () => number): Promise<Finding[]> {
  const policy = resolveOptions(config.auth, config.strategy);
  const file = config.keysFile ?? (config.keys === undefined ? keysInDataDir(config.dataDir) : undefined);
  const found = await ringOf(() => config.keys ?? readKeyFile(file!), policy);
  const ring = found instanceof KeyRing ? found : undefined;
  const { proxyTimeout, instances } = options;
  const url = options.url ?? new URL(policy.issuer);
  const { routesPath, databaseUrl, migrateOnStart } = config;
  return [
    findingsOf('settings')('settings', 'ok', config.production ? 'of production' : 'of a first look'),
    ...(await checkRedis(config.redis, now)),
    ...(await checkPostgres({ databaseUrl, migrateOnStart, instances })),
    ...(ring ? await checkKeys(ring, file, now()) : [found as Finding]),
    ...(await checkAddress({ policy, url, routesPath, ring, proxyTimeout, now: now() })),
  ];
}

interface DoctorOptions {
  readonly url: URL | undefined;
  readonly proxyTimeout: number | undefined;
  readonly instances: number;
  readonly json: boolean;
}

function parsed(args: readonly string[]): DoctorOptions {
  const text = { type: 'string' } as const;
  const options = { url: text, 'proxy-timeout': text, instances: text, json: { type: 'boolean' } } as const;
  let values: { url?: string; 'proxy-timeout'?: string; instances?: string; json?: boolean };
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw usageErrorOf(error);
  }
  const { url, 'proxy-timeout': timeout, instances = '1', json = false } = values;
  if (url !== undefined && !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new UsageError('--url must be an address such as https://auth.example.');
  }
  if (!/^[1-9]\d{0,3}$/.test(instances)) throw new UsageError('--instances must be a number from 1 to 9999.');
  return {
    url: url === undefined ? undefined : new URL(url),
    proxyTimeout: timeout === undefined ? undefined : durationOf(timeout),
    instances: Number(instances),
    json,
  };
}

function durationOf(timeout: string): number {
  try {
    return parseDuration(timeout, '--proxy-timeout');
  } catch (cause) {
    throw new UsageError('--proxy-timeout must be a time such as 60s.', { cause });
  }
}
