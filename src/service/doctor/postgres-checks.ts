import { sql } from 'drizzle-orm';
import { faultOf } from '../database/database-errors.js';
import type { Queries } from '../database/database.js';
import { pendingMigrations } from '../database/migrate.js';
import { isReadOnly, READ_ONLY } from '../database/read-only.js';
import { connectPool, MOST_CONNECTIONS } from '../database/server-connections.js';
import { findingsOf, inWords, medianTime, type Finding } from './finding.js';

const finding = findingsOf('PostgreSQL');
const OLDEST = 14;
const SLOW = 20;
const ROUNDS = 11;

export interface PostgresQuestion {
  readonly databaseUrl: string | undefined;
  readonly migrateOnStart: boolean;
  /** How many instances are to run. */
  readonly instances: number;
}

/** Looks at the users' database of the settings. Reads only. */
export async function checkPostgres({ databaseUrl, migrateOnStart, instances }: PostgresQuestion): Promise<Finding[]> {
  if (databaseUrl === undefined) {
    return [finding('reach', 'warn', 'No DATABASE_URL: the users are in DATA_DIR, for one process on one machine.')];
  }
  const pool = await connectPool(databaseUrl, () => undefined);
  const { db } = pool;
  try {
    const { host } = new URL(databaseUrl);
    const median = await medianTime(ROUNDS, () => db.execute(sql`select 1`));
    return [
      finding('reach', 'ok', host),
      await version(db),
      await room(db, instances),
      (await isReadOnly(db)) ? finding('writes', 'bad', READ_ONLY) : finding('writes', 'ok', 'taken'),
      await migrations(db, migrateOnStart),
      median > SLOW
        ? finding('latency', 'warn', `A query takes ${inWords(median)}, and each login and refresh waits for one.`)
        : finding('latency', 'ok', `${inWords(median)} for a query`),
    ];
  } catch (error) {
    return [finding('reach', 'bad', `${faultOf(error)}. See DATABASE_URL.`)];
  } finally {
    await pool.end();
  }
}

async function version(db: Queries): Promise<Finding> {
  const number = Number(await setting(db, 'server_version_num'));
  const major = Math.floor(number / 10_000);
  return major < OLDEST
    ? finding('version', 'bad', `PostgreSQL ${major} is older than what Keyturn is tested on: ${OLDEST} or later.`)
    : finding('version', 'ok', `${major}.${number % 10_000}`);
}

async function room(db: Queries, instances: number): Promise<Finding> {
  const all = Number(await setting(db, 'max_connections'));
  const reserved = Number(await setting(db, 'superuser_reserved_connections'));
  const needed = instances * MOST_CONNECTIONS;
  const said = `max_connections ${all} has room for ${Math.floor((all - reserved) / MOST_CONNECTIONS)} instances`;
  return needed > all - reserved
    ? finding(
        'pool',
        'bad',
        `${said}, and ${instances} are to run: logins and refreshes would answer 503. Raise it to ${needed + reserved} or more.`,
      )
    : finding('pool', 'ok', said);
}

async function migrations(db: Queries, migrateOnStart: boolean): Promise<Finding> {
  const pending = await pendingMigrations(db);
  if (pending.length === 0) return finding('migrations', 'ok', 'the schema is that of this version');
  const missing = `The schema is older than this version (${pending.join(', ')} missing)`;
  return migrateOnStart
    ? finding('migrations', 'warn', `${missing}: the next start brings it up to date.`)
    : finding('migrations', 'bad', `${missing}, and MIGRATE_ON_START is false: run keyturn migrate.`);
}

async function setting(db: Queries, name: string): Promise<string> {
  const found: unknown = await db.execute(sql`select current_setting(${name}) as value`);
  return (found as { rows: { value: string }[] }).rows[0]!.value;
}
