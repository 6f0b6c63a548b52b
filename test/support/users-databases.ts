import type { Database } from '../../src/service/database/database.js';
import { openMemoryDatabase } from '../../src/service/database/embedded-database.js';
import { ServerDatabase } from '../../src/service/database/server-database.js';
import { startPostgres } from './postgres-server.js';

/** What is promised of the users holds on each of them. */
export const USERS_DATABASES = ['the embedded database', 'a PostgreSQL server'] as const;

export interface UsersDatabase {
  readonly database: Database;
  readonly stop: () => Promise<void>;
}

/** A new one, with this version's schema. */
export async function openUsersDatabase(where: (typeof USERS_DATABASES)[number]): Promise<UsersDatabase> {
  if (where === 'the embedded database') {
    const database = await openMemoryDatabase();
    return { database, stop: () => database.close() };
  }
  const server = await startPostgres();
  const database = await ServerDatabase.at({ url: server.url, migrate: true });
  await database.prepare();
  return {
    database,
    stop: async () => {
      await database.close();
      await server.stop();
    },
  };
}
