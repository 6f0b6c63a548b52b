import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, startPostgresServer } from './postgres-process.mjs';
import { registered } from './registry.js';

export { ask };

/** A database of a test's own, empty, on a real PostgreSQL. */
export interface PostgresDatabase {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

const READY_WITHIN = 60_000;

/**
 * A database on the server of `DATABASE_URL_TEST`, which the run's global setup starts unless it is given.
 * @param args arguments of `postgres`, such as `['-c', 'ssl=on']`; they start a server for this database alone
 * @throws Error when no server could be started; `scripts/ensure-system.mjs` provides the programs
 */
export const startPostgres = ({ args = [] }: { readonly args?: readonly string[] } = {}): Promise<PostgresDatabase> =>
  registered(start(args), 'stop');

async function start(args: readonly string[]): Promise<PostgresDatabase> {
  const shared = process.env.DATABASE_URL_TEST;
  if (shared && args.length === 0) return databaseOn(shared, async () => undefined);
  const server = await startPostgresServer(args);
  await server.ready;
  return databaseOn(server.url, () => server.stop());
}

async function databaseOn(server: string, stopServer: () => Promise<void>): Promise<PostgresDatabase> {
  const name = `keyturn_${randomBytes(6).toString('hex')}`;
  await create(server, name);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    host: url.hostname,
    port: Number(url.port) || 5432,
    stop: async () => {
      await ask(server, `drop database ${name} with (force)`);
      await stopServer();
    },
  };
}

/** Waits for a server that is still starting, as the run's own is for its first tests. */
async function create(server: string, name: string): Promise<void> {
  for (const until = Date.now() + READY_WITHIN; ; await sleep(25)) {
    try {
      await ask(server, `create database ${name}`);
      return;
    } catch (error) {
      const { code = '' } = error as { code?: string };
      if (!['ECONNREFUSED', 'ECONNRESET', '57P03'].includes(code) || Date.now() > until) throw error;
    }
  }
}
