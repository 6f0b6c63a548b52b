import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { ClientConfig, PoolClient } from 'pg';
import type { Connections, Queries } from './database.js';
import { loadPg } from './load-pg.js';

/** Connections of one instance; times how many instances there are, they must fit into `max_connections`. */
export const MOST_CONNECTIONS = 10;
/** Milliseconds a request waits for a connection, be it free or new. */
const CONNECT_WITHIN = 1_500;
/** Milliseconds a statement may take, by the server's clock: what nobody waits for any more is not worked on. */
const STATEMENT_WITHIN = 2_000;
/** Milliseconds a query or a transaction may hold a connection; then it is cut, which a hung server does not do. */
const HELD_WITHIN = 3_000;
const LIFE_SECONDS = 1_800;

/** Queries that run on a bounded number of connections, and answer or fail within a bounded time. */
export interface QueryPool {
  readonly db: Queries;
  readonly connections: Connections;
  end(): Promise<void>;
}

const common = (connectionString: string): ClientConfig => ({
  connectionString,
  application_name: 'keyturn',
  connectionTimeoutMillis: CONNECT_WITHIN,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
});

/** Loaded here and not above: a service on the embedded database does not need the driver. */
const driver = async () => {
  const pg = loadPg();
  const { drizzle } = await import('drizzle-orm/node-postgres');
  return { pg, drizzle };
};

/** @param onTrouble called when a connection could not be had, or was lost: the server may be away */
export async function connectPool(url: string, onTrouble: () => void): Promise<QueryPool> {
  const { pg, drizzle } = await driver();
  const pool = new pg.Pool({
    ...common(url),
    max: MOST_CONNECTIONS,
    // A name may lead to another server after a failover.
    maxLifetimeSeconds: LIFE_SECONDS,
    statement_timeout: STATEMENT_WITHIN,
    // Frees the locks of a process that was paused or cut off in the middle.
    idle_in_transaction_session_timeout: HELD_WITHIN,
  });
  // An idle connection was closed by the other side: the next query makes a new one, or says what is wrong.
  pool.on('error', onTrouble);
  // pg-pool listens only while a connection is idle. One that breaks between two statements of a transaction has no
  // query to fail: without a listener, Node ends the process.
  pool.on('connect', (client) => client.on('error', onTrouble));
  tellFailedConnects(pool, onTrouble);
  boundHolding(pool, onTrouble);
  const db = drizzle({ client: pool });
  // Drizzle's own leaves a connection in use for ever when "begin" fails, and gives one back to the pool, locks and all,
  // when "rollback" does not come through (0.45). Here whatever fails ends the connection, and the server rolls back.
  db.transaction = async (run, config) => {
    const client = await pool.connect();
    let failed = true;
    try {
      const result = await (drizzle({ client }) as NodePgDatabase).transaction(run, config);
      failed = false;
      return result;
    } finally {
      client.release(failed);
    }
  };
  return {
    db,
    get connections() {
      const { totalCount, idleCount: idle, waitingCount: waiting } = pool;
      return { busy: totalCount - idle, idle, waiting };
    },
    end: () => pool.end(),
  };
}

/** Each query of the pool, and each transaction, begins with a connection from it. */
function tellFailedConnects(pool: import('pg').Pool, onTrouble: () => void): void {
  type Taken = (error: Error | undefined, client: PoolClient | undefined, release: (end?: boolean) => void) => void;
  const connect = pool.connect.bind(pool) as { (taken: Taken): void; (): Promise<PoolClient> };
  const failed = (error: Error): never => {
    onTrouble();
    throw error;
  };
  const told = (taken?: Taken): Promise<PoolClient> | void => {
    if (!taken) return connect().catch(failed);
    connect((error, client, release) => {
      if (error) onTrouble();
      taken(error, client, release);
    });
  };
  pool.connect = told as typeof pool.connect;
}

/** pg's own `query_timeout` gives up a query but keeps its connection, on which the next one then waits. */
function boundHolding(pool: import('pg').Pool, onTrouble: () => void): void {
  const timers = new WeakMap<PoolClient, NodeJS.Timeout>();
  pool.on('acquire', (client) => {
    // While a query runs, end() destroys the socket.
    timers.set(
      client,
      setTimeout(() => {
        onTrouble();
        void client.end();
      }, HELD_WITHIN),
    );
  });
  pool.on('release', (_, client) => clearTimeout(timers.get(client)));
}

/** Runs something without a limit of time on a connection of its own. */
export async function migrationClient(url: string, run: (db: Queries) => Promise<void>): Promise<void> {
  const { pg, drizzle } = await driver();
  const client = new pg.Client(common(url));
  // Also told by the query that it interrupts.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await run(drizzle({ client }));
  } finally {
    await client.end();
  }
}
