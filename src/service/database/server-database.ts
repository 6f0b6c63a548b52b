import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { AuthError } from '../../index.js';
import { faultOf, reachable } from './database-errors.js';
import { Database } from './database.js';
import type { Connections, Queries } from './database.js';
import { migrate, pendingMigrations } from './migrate.js';
import { isReadOnly, READ_ONLY } from './read-only.js';
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
  private away: string | null = null;
  private isLooking = false;
  private readonly logger = new Logger('PostgreSQL');

  private constructor(
    private readonly pool: QueryPool,
    private readonly options: ServerDatabaseOptions,
  ) {
    super();
  }

  /** Connects to nothing yet: {@link prepare} does. */
  static async at(options: ServerDatabaseOptions): Promise<ServerDatabase> {
    const trouble: { tell?: () => void } = {};
    const database = new ServerDatabase(await connectPool(options.url, () => trouble.tell?.()), options);
    trouble.tell = () => void database.look();
    return database;
  }

  override get fault(): string | null {
    return this.isReady ? this.away : (this.told ?? NOT_YET);
  }

  override get connections(): Connections {
    return this.pool.connections;
  }

  override get db(): Queries {
    if (!this.isReady) throw unavailable(this.told ?? NOT_YET);
    return this.pool.db;
  }

  async ping(): Promise<void> {
    await reachable(this.db.execute(sql`select 1`));
  }

  async unhurried(run: (db: Queries) => Promise<void>): Promise<void> {
    await reachable(migrationClient(this.options.url, run));
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

  /**
   * A connection was lost or could not be had: asks until the server answers. Logs each reason of the outage once, and its
   * end. A reason that is not one of the server's being away, such as all connections being used, is none for long.
   */
  private async look(): Promise<void> {
    if (this.isLooking || !this.isReady) return;
    this.isLooking = true;
    const reasons = new Set<string>();
    while (!this.isClosed && (this.away = await this.silence()) !== null) {
      if (!reasons.has(this.away)) {
        this.logger.error(`PostgreSQL is away: ${this.away} Logins and refreshes answer 503 until it is back.`);
      }
      reasons.add(this.away);
      await pause(LOOK_EVERY, undefined, { ref: false });
    }
    this.isLooking = false;
    if (reasons.size > 0 && !this.isClosed) this.logger.log('PostgreSQL is back.');
  }

  /** Why it does not answer; null if it does. */
  private async silence(): Promise<string | null> {
    try {
      await this.pool.db.execute(sql`select 1`);
      return null;
    } catch (error) {
      return sentence(faultOf(error));
    }
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
      if (await isReadOnly(this.pool.db)) this.logger.warn(READ_ONLY);
      return true;
    } catch (error) {
      const fault = sentence(error instanceof AuthError ? error.fault! : faultOf(error));
      if (fault !== this.told && !this.isClosed) {
        this.logger.error(`${fault} Logins and refreshes answer 503 until that is over.`);
      }
      this.told = fault;
      return false;
    }
  }
}

const sentence = (fault: string): string => (/[.!?]$/.test(fault) ? fault : `${fault}.`);
const NOT_YET = 'PostgreSQL has not answered yet.';

const unavailable = (fault: string): AuthError =>
  new AuthError('store_unavailable', 'The users cannot be reached just now; try again.', { fault, retryAfter: 1 });

const olderSchema = (pending: readonly string[]): string =>
  `The schema of the database is older than this version (${pending.join(', ')} missing), and MIGRATE_ON_START is ` +
  'false: run npm run keyturn -- migrate.';
