import type { Database } from '../../src/service/database/database.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder } from '../../src/service/data-folder/data-folder.js';
import { openEmbeddedDatabase } from '../../src/service/database/embedded-database.js';
import { ServerDatabase } from '../../src/service/database/server-database.js';
import { putNewDatabase } from './new-database.js';
import { startPostgres } from './postgres-server.js';
import { reportFault } from './registry.js';

/** What is promised of the users holds on each of them. */
export const USERS_DATABASES = ['the embedded database', 'a PostgreSQL server'] as const;

export interface UsersDatabase {
  readonly database: Database;
  readonly stop: () => Promise<void>;
}

/** A new one, with this version's schema. */
export async function openUsersDatabase(where: (typeof USERS_DATABASES)[number]): Promise<UsersDatabase> {
  if (where === 'the embedded database') {
    const path = await mkdtemp(join(tmpdir(), 'keyturn-users-'));
    await putNewDatabase(path);
    const folder = await openDataFolder(path, reportFault);
    const database = await openEmbeddedDatabase(folder);
    return {
      database,
      stop: async () => {
        await database.close();
        await folder.release();
        await rm(path, { recursive: true });
      },
    };
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
