import { existsSync } from 'node:fs';
import { readFile, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { AuthConfigError } from '../../index.js';
import type { DataFolder } from '../data-folder/data-folder.js';
import { reachable } from './database-errors.js';
import { Database } from './database.js';
import type { Queries } from './database.js';
import { migrate, pendingMigrations } from './migrate.js';

/**
 * PostgreSQL's cache of pages, which PGlite fills with zeros at a start: its usual 128 MB make the process as much larger
 * and its start 0.2 s of CPU time longer. What is not in it is read from the system's own cache of the files.
 */
const PAGE_CACHE = '16MB';
/** Bytes of a segment of PostgreSQL's log: a start that has to repeat what a crash left may need one more. */
const LOG_SEGMENT = 16 * 2 ** 20;

export interface EmbeddedDatabaseOptions {
  /**
   * Path of the archive that the build makes ({@link dumpNewDatabase}). A new folder is unpacked from it instead of
   * being initialised (measured: 4.8 s of CPU time for the whole start instead of 9.8); one that is not there is done without.
   */
  readonly snapshot?: string;
}

/** PostgreSQL in WebAssembly: one connection, in this process. */
class EmbeddedDatabase extends Database {
  /** It is in this process: what fails is a query, not a connection. */
  readonly fault = null;
  readonly connections = { busy: 0, idle: 1, waiting: 0 };

  constructor(
    readonly client: PGlite,
    readonly db: Queries,
  ) {
    super();
  }

  async ping(): Promise<void> {
    await reachable(this.db.execute(sql`select 1`));
  }

  async unhurried(run: (db: Queries) => Promise<void>): Promise<void> {
    await reachable(run(this.db));
  }

  async close(): Promise<void> {
    if (!this.client.closed) await this.client.close();
  }
}

/**
 * Opens the users' database in a data folder, made at the first start, with this version's schema. The folder is asked
 * for rather than its path: who has it holds its lock, and two processes on one PGlite folder lose rows.
 *
 * @example const database = await openEmbeddedDatabase(await openDataFolder('./data'));
 */
export async function openEmbeddedDatabase(
  folder: DataFolder,
  { snapshot }: EmbeddedDatabaseOptions = {},
): Promise<Database> {
  const home = join(folder.path, 'users');
  if (!existsSync(home)) {
    // Under another name until it is whole: PGlite would take what a crash leaves of it for a database.
    const unfinished = `${home}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    const fresh = await start(unfinished, snapshot);
    await fresh.close();
    await rename(unfinished, home);
  }
  return start(home);
}

/** The archive of a new database with this version's schema, for {@link EmbeddedDatabaseOptions.snapshot}. */
export async function dumpNewDatabase(): Promise<Blob> {
  const fresh = await start();
  const archive = await fresh.client.dumpDataDir('gzip');
  await fresh.close();
  return archive;
}

/** A full disk looks like a broken database, which nobody should move away for it. */
async function start(dataDir?: string, snapshot?: string): Promise<EmbeddedDatabase> {
  try {
    return await open(dataDir, snapshot);
  } catch (cause) {
    if (dataDir === undefined || !(await isFull(dirname(dataDir)))) throw cause;
    throw AuthConfigError.of('DATA_DIR', `has a full disk, ${dataDir}: make room there and start again`, cause);
  }
}

async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < LOG_SEGMENT;
}

async function open(dataDir?: string, snapshot?: string): Promise<EmbeddedDatabase> {
  // Loaded here and not above: 27 MB that a service on a PostgreSQL server does not need.
  const [{ PGlite }, { drizzle }] = await Promise.all([import('@electric-sql/pglite'), import('drizzle-orm/pglite')]);
  const loadDataDir = snapshot && existsSync(snapshot) ? new Blob([await readFile(snapshot)]) : undefined;
  const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${PAGE_CACHE}`];
  const client = await PGlite.create({ dataDir, loadDataDir, startParams }).catch((cause: unknown) => {
    if (dataDir === undefined) throw cause;
    throw AuthConfigError.of(
      'DATA_DIR',
      `holds no usable database in ${dataDir}: restore it from a backup, or move the folder away to begin anew`,
      cause,
    );
  });
  const db = drizzle({ client });
  // Asked in one query: each statement that migrate() begins with is compiled anew by a process that starts.
  if ((await pendingMigrations(db)).length > 0) await migrate(db);
  return new EmbeddedDatabase(client, db);
}
