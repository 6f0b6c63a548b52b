import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../drills/postgres.mjs';
import { Accounts } from './accounts.mjs';
import { pathOf } from './build.mjs';
import { httpDoor } from './doors.mjs';
import { ISSUER } from './instance.mjs';
import { startProcess } from '../../scripts/started-process.mjs';

const READY_WITHIN = 60_000;
const CLOCK = fileURLToPath(new URL('settable-clock.mjs', import.meta.url));
const TOLD = /"event":"(token\.reused|store\.rollback_detected)"/;
const SETTINGS = {
  commandTimeout: 'REDIS_COMMAND_TIMEOUT',
  grace: 'REFRESH_GRACE',
  renewAfter: 'SLIDING_RENEW_AFTER',
  maxStaleness: 'REVOCATION_MAX_STALENESS',
};

/** The settings of the service that say what `config` says to the library: see `openInstance`. */
function settingsOf({ store = {}, options = {}, keys }) {
  const { url, sentinels, sentinelName, cluster, commandTimeout } = store;
  const { grace, sliding, revocation } = options;
  const settings = {
    AUTH_KEYS: JSON.stringify(keys),
    AUTH_ALGORITHM: 'HS256',
    AUTH_ISSUER: ISSUER,
    REDIS_URL: url,
    REDIS_SENTINELS: sentinels?.join(','),
    REDIS_SENTINEL_NAME: sentinelName,
    REDIS_CLUSTER: cluster?.join(','),
  };
  const values = { commandTimeout, grace, ...sliding, ...revocation };
  for (const [option, value] of Object.entries(values))
    if (value !== undefined) settings[SETTINGS[option]] = `${value}`;
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/**
 * The standalone service as it is shipped, a process of its own.
 * @param env its settings
 * @param readyAt the path that must answer 200 before it counts as started
 * @param clockShift milliseconds by which its clock is wrong; undefined leaves its clock alone
 * @param tally hears the events of its audit log
 */
async function startService({ env, readyAt = '/health/ready', clockShift, grace, tally }) {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-faults-'));
  const clock = clockShift === undefined ? [] : ['--import', CLOCK];
  const started = await startProcess({
    command: [process.execPath, ...clock, pathOf('main.js')],
    cwd: folder,
    env: {
      DATA_DIR: join(folder, 'data'),
      LOG_FORMAT: 'json',
      // Hundreds of people come from one address here.
      LOGIN_LIMITS: 'off',
      ...env,
      CLOCK_SHIFT: String(clockShift ?? 0),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    readyAt,
    readyWithin: READY_WITHIN,
    onOutput: eventsTo(tally),
  });
  const { url, child, exit, log } = started;
  const door = httpDoor(url, { tally, grace, guardedAt: '/auth/check' });
  const stop = async () => {
    door.close();
    await started.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const shiftClock = ({ by }) => new Promise((resolve) => child.send({ shift: by }, () => resolve(null)));
  return { url, door, exit, stop, log, shiftClock, signal: (name) => child.kill(name) };
}

/** Tells the tally of the events in the lines of a log that comes in pieces. */
function eventsTo(tally) {
  let rest = '';
  return (piece, from) => {
    if (from !== 'stdout') return;
    const lines = (rest + piece).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const [, type] = TOLD.exec(line) ?? [];
      if (type) tally.hear({ ...JSON.parse(line), type });
    }
  };
}

/** The service as it is shipped, on one PostgreSQL: `start(more)` starts an instance of it, with settings of its own. */
export async function serviceHost(config, { tally }) {
  const postgres = await startPostgres();
  const accounts = new Accounts(postgres);
  const start = async (more = {}) => {
    const all = { ...config, ...more, store: { ...config.store, ...more.store } };
    const readyAt = more.beforeStore ? '/health/live' : '/health/ready';
    const env = {
      ...settingsOf({ ...all, options: { ...config.options, ...more.options } }),
      DATABASE_URL: postgres.url,
    };
    const { clockShift, grace } = { ...config, ...more };
    const service = await startService({ env, readyAt, clockShift, grace, tally });
    const asks = { ...accounts.asksOf(service), shiftClock: service.shiftClock };
    return { ...service, ask: async (ask, argument) => (await asks[ask](argument)) ?? null };
  };
  return { start, stop: () => postgres.stop() };
}
