import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { AuthError } from '../../index.js';
import { faultOf, reachable } from './database-errors.js';
import { Database } from './database.js';
import type { Queries } from './database.js';
import { migrate, pendingMigrations } from './migrate.js';
import { connectPool, migrationClient, type QueryPool } from './server-connections.js';

/** How soon a server that came up, or was migrated by somebody else, is noticed. */
const LOOK_EVERY = 500;
/** How long a start waits for a server that is there; then it goes on, alive and not ready. */
const FIRST_LOOK = 5_000;
/** A stop waits no longer for the server to say goodbye. */
const FAREWELL = 1_000;

export interface ServerDatabaseOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Whether an older schema is brought up to date, or only told of. */
  readonly migrate: boolean;
}

/** The users' database on a PostgreSQL server. Nothing is asked of it until its schema is known to be the right one. */
export class ServerDatabase extends Database {
  private isReady = false;
  private isClosed = false;
  private told?: string;
  private readonly logger = new Logger('PostgreSQL');

  private constructor(
    private readonly pool: QueryPool,
    private readonly options: ServerDatabaseOptions,
  ) {
    super();
  }

  /** Connects to nothing yet: {@link prepare} does. */
  static async at(options: ServerDatabaseOptions): Promise<ServerDatabase> {
    return new ServerDatabase(await connectPool(options.url), options);
  }

  override get db(): Queries {
    if (!this.isReady) throw unavailable(this.told ?? 'PostgreSQL has not answered yet.');
    return this.pool.db;
  }

  async ping(): Promise<void> {
    await reachable(this.db.execute(sql`select 1`));
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await Promise.race([this.pool.end(), pause(FAREWELL, undefined, { ref: false })]);
  }

  /**
   * Sees to it that the server has this version's schema. One that is newer will do: the steps of a release leave the
   * one before it running, or instances could not be replaced one by one.
   * @returns the migrations that ran
   * @throws AuthError `store_unavailable`, whose `fault` says why
   */
  async prepare(): Promise<readonly string[]> {
    const pending = await reachable(pendingMigrations(this.pool.db));
    if (pending.length > 0 && !this.options.migrate) throw unavailable(olderSchema(pending));
    // On a connection of its own: it may wait for another instance, or work, for longer than a request may.
    if (pending.length > 0) await reachable(migrationClient(this.options.url, migrate));
    this.isReady = true;
    return pending;
  }

  /**
   * Tries once, and if that fails goes on trying until the server is there, so that services and databases may start in
   * any order. Says what is in the way, once.
   */
  async prepareAtLast(): Promise<void> {
    const tried = this.tryToPrepare();
    void tried.then((done) => (done ? undefined : this.goOn()));
    await Promise.race([tried, pause(FIRST_LOOK, undefined, { ref: false })]);
  }

  private async goOn(): Promise<void> {
    do await pause(LOOK_EVERY, undefined, { ref: false });
    while (!this.isClosed && !(await this.tryToPrepare()));
  }

  private async tryToPrepare(): Promise<boolean> {
    try {
      const applied = await this.prepare();
      if (applied.length > 0) this.logger.log(`The schema was brought up to date: ${applied.join(', ')}.`);
      if (this.told !== undefined) this.logger.log('PostgreSQL is there.');
      return true;
    } catch (error) {
      const fault = error instanceof AuthError ? error.fault! : faultOf(error);
      if (fault !== this.told && !this.isClosed) {
        this.logger.error(`${fault} Logins and refreshes answer 503 until that is over.`);
      }
      this.told = fault;
      return false;
    }
  }
}

const unavailable = (fault: string): AuthError =>
  new AuthError('store_unavailable', 'The users cannot be reached just now; try again.', { fault, retryAfter: 1 });

const olderSchema = (pending: readonly string[]): string =>
  `The schema of the database is older than this version (${pending.join(', ')} missing), and MIGRATE_ON_START is ` +
  'false: run npm run keyturn -- migrate.';
