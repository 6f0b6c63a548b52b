import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformFile } from '@swc/core';
import { openDataFolder } from '../data-folder/data-folder.js';
import type { Database } from './database.js';
import { dumpNewDatabase, openEmbeddedDatabase } from './embedded-database.js';
import { schemaMigrations, users } from './users.schema.js';

const ROOT = join(__dirname, '../../..');
const CHILD = `
import { openDataFolder } from './service/data-folder/data-folder.js';
import { openEmbeddedDatabase } from './service/database/embedded-database.js';
import { users } from './service/database/users.schema.js';
const [path, snapshot] = process.argv.slice(2);
const { db } = await openEmbeddedDatabase(await openDataFolder(path), { snapshot });
for (let n = 0; ; n++) {
  await db.insert(users).values({ email: String(n), emailKey: String(n) });
  process.send(n);
}`;

let place: string;
let snapshot: string;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'keyturn-'));
  snapshot = join(place, 'pgdata.tar.gz');
  await writeFile(snapshot, new Uint8Array(await (await dumpNewDatabase()).arrayBuffer()));
});
afterAll(() => rm(place, { recursive: true, force: true }));

/** Opens a folder, looks at its database, and closes both as the service does. */
async function withDatabase<T>(path: string, look: (database: Database) => Promise<T>, archive = snapshot): Promise<T> {
  const folder = await openDataFolder(path);
  const database = await openEmbeddedDatabase(folder, { snapshot: archive });
  try {
    return await look(database);
  } finally {
    await database.close();
    await folder.release();
  }
}

/** A process, in plain Node on the compiled sources, that opens a folder and adds users until it is killed. */
async function startWriter(path: string, archive?: string) {
  const home = join(place, 'compiled');
  const sources = ['auth.error-codes.ts', 'auth.errors.ts'];
  for (const part of ['service/database', 'service/data-folder']) {
    await mkdir(join(home, part), { recursive: true });
    const names = await readdir(join(ROOT, 'src', part));
    sources.push(
      ...names.filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts')).map((name) => `${part}/${name}`),
    );
  }
  for (const source of sources) {
    const parser = { syntax: 'typescript', decorators: true } as const;
    const options = { swcrc: false, jsc: { target: 'es2022', parser, transform: { legacyDecorator: true } } } as const;
    const { code } = await transformFile(join(ROOT, 'src', source), options);
    await writeFile(join(home, source.replace(/ts$/, 'js')), code);
  }
  await writeFile(join(home, 'index.js'), `export * from './auth.errors.js';`);
  await writeFile(join(home, 'package.json'), '{ "type": "module" }');
  await writeFile(join(home, 'child.js'), CHILD);
  if (!existsSync(join(home, 'node_modules'))) await symlink(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  return fork(join(home, 'child.js'), archive ? [path, archive] : [path]);
}

describe('the embedded database', () => {
  it('starts from the archive of the build and keeps its users over a restart', async () => {
    const path = join(place, 'kept');
    await withDatabase(path, async ({ db }) => {
      await db.insert(users).values({ email: 'ann@example.com', emailKey: 'ann@example.com' });
    });
    const [ann] = await withDatabase(path, ({ db }) => db.select().from(users));
    expect(ann).toMatchObject({ email: 'ann@example.com', roles: [], disabled: false, generation: 0 });
    expect(await readdir(path)).toEqual(['users']);
  });

  it('has a small cache of pages whatever its folder says, because a start fills it with zeros', async () => {
    const shown = await withDatabase(join(place, 'kept'), ({ db }) => db.execute('show shared_buffers'));
    expect(shown).toMatchObject({ rows: [{ shared_buffers: '16MB' }] });
  });

  it('has every committed row after kill -9 in the middle of writing', async () => {
    const path = join(place, 'killed');
    const writer = await startWriter(path, snapshot);
    let committed = -1;
    await new Promise<void>((resolve) => {
      writer.on('message', (n: number) => {
        committed = n;
        if (n === 200) resolve();
      });
    });
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const kept = await withDatabase(path, ({ db }) => db.$count(users));
    expect(kept).toBeGreaterThan(committed);
  });

  it('begins anew where a crash left half of a first start, also without an archive', async () => {
    const path = join(place, 'half');
    const writer = await startWriter(path);
    const half = join(path, 'users.unfinished', 'base');
    while (!existsSync(half)) await new Promise((resolve) => setImmediate(resolve));
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    expect(existsSync(join(path, 'users'))).toBe(false);
    await writeFile(join(path, 'users.unfinished', 'left-behind'), '');

    const missing = join(place, 'no-such-archive');
    const applied = await withDatabase(path, ({ db }) => db.select().from(schemaMigrations), missing);
    expect(applied).not.toEqual([]);
    expect(await readdir(path)).toEqual(['users']);
    expect(await readdir(join(path, 'users'))).not.toContain('left-behind');
  });

  it('says that the disk is full, and not that the database is to be moved away', async () => {
    const path = join(place, 'small-disk');
    await mkdir(path);
    // Only root may have a disk of its own.
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', path]).status !== 0) return;
    const folder = await openDataFolder(path);
    await expect(openEmbeddedDatabase(folder, { snapshot })).rejects.toThrow(/^DATA_DIR has a full disk.*make room/);
    await folder.release();
    // PGlite leaves files open.
    spawnSync('umount', ['-l', path]);
  });

  it('brings an older folder to the schema of today', async () => {
    const path = join(place, 'older');
    await withDatabase(path, async ({ db }) => {
      await db.execute('drop table users, announcements_owed, outbox, tickets, mails_sent');
      await db.delete(schemaMigrations);
    });
    expect(await withDatabase(path, ({ db }) => db.$count(users))).toBe(0);
  });

  it('answers a ping while it is open, and tells in our own terms that it is not', async () => {
    const closed = await withDatabase(join(place, 'kept'), async (database) => {
      await database.ping();
      return database;
    });
    await expect(closed.ping()).rejects.toMatchObject({ code: 'store_unavailable', retryAfter: 1 });
  });
});
