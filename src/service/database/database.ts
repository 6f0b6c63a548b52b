import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** Queries, whichever driver runs them. */
export type Queries = PgDatabase<PgQueryResultHKT>;

/** The users' database: PostgreSQL, embedded or a server. Abstract, so that it can be injected by its class. */
export abstract class Database {
  abstract readonly db: Queries;

  /** Resolves when a query runs. @throws AuthError `store_unavailable` */
  abstract ping(): Promise<void>;

  /** Ends all connections; what is committed is kept. */
  abstract close(): Promise<void>;
}
