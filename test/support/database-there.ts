import { setTimeout as pause } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { Database } from '../../src/service/database/database.js';

/** A service looks for its database for five seconds and then starts without it: on a busy machine that happens. */
export async function databaseThere(app: INestApplication): Promise<void> {
  const database = app.get(Database, { strict: false });
  while (database.fault !== null) await pause(50);
}
