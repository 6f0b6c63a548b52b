import { sql } from 'drizzle-orm';
import { reachable } from './database-errors.js';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** Queries, whichever driver runs them. */
export type Queries = PgDatabase<PgQueryResultHKT>;

/** Connections that run something, that wait for work, and callers that wait for one. */
export interface Connections {
  readonly busy: number;
  readonly idle: number;
  readonly waiting: number;
}

/** The users' database: PostgreSQL, embedded or a server. Abstract, so that it can be injected by its class. */
export abstract class Database {
  abstract readonly db: Queries;

  /** Why it does not answer, as far as that is known without asking; null where it does. */
  abstract readonly fault: string | null;

  /** How its connections are used now. */
  abstract readonly connections: Connections;

  /** Runs something that may take longer than a request may, such as an import. */
  abstract unhurried(run: (db: Queries) => Promise<void>): Promise<void>;

  /** Resolves when a query runs. @throws AuthError `store_unavailable` */
  abstract ping(): Promise<void>;

  /** Ends all connections; what is committed is kept. */
  abstract close(): Promise<void>;
}

/**
 * Milliseconds since the epoch by the clock of the database, for programs that may run anywhere: a clock of their own that
 * is ahead would refuse the tokens of logins to come.
 */
export async function databaseTime({ db }: Pick<Database, 'db'>): Promise<number> {
  const [row] = await reachable(
    db.select({ at: sql<string>`extract(epoch from clock_timestamp()) * 1000` }).from(sql`(select 1) one`),
  );
  return Math.floor(Number(row!.at));
}
