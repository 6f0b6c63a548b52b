import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataFolder } from '../../src/service/data-folder/data-folder.js';
import { openEmbeddedDatabase } from '../../src/service/database/embedded-database.js';
import { MIGRATIONS } from '../../src/service/database/migrations.js';

const CACHE = join(process.cwd(), '.cache', 'pgdata');
const PGLITE = join(process.cwd(), 'node_modules/@electric-sql/pglite/package.json');

/**
 * Puts a new embedded database into a data folder that has none: copied from one that was made once for this schema and
 * this PGlite. Making it takes seconds (unpacking the build's archive nearly as many), which few tests are about.
 */
export async function putNewDatabase(dataDir: string): Promise<void> {
  const home = join(dataDir, 'users');
  if (existsSync(home)) return;
  await mkdir(dataDir, { recursive: true });
  await cp(join(await template(), 'users'), home, { recursive: true });
}

async function template(): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify(MIGRATIONS))
    .update(await readFile(PGLITE))
    .digest('hex');
  const path = join(CACHE, key.slice(0, 16));
  if (existsSync(path)) return path;
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(join(CACHE, 'draft-'));
  const folder = await openDataFolder(draft);
  await (await openEmbeddedDatabase(folder)).close();
  await folder.release();
  // Renamed when it is whole; another worker may have been faster.
  await rename(draft, path).catch(() => rm(draft, { recursive: true }));
  return path;
}
