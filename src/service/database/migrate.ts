import { eq, sql } from 'drizzle-orm';
import { isMissingTable } from './database-errors.js';
import type { Queries } from './database.js';
import { MIGRATIONS } from './migrations.js';
import type { Migration } from './migrations.js';
import { schemaMigrations } from './users.schema.js';

/**
 * Brings the database to the schema of this version, each migration in a transaction of its own, so that a crash leaves
 * whole steps only. Processes that start at once on one PostgreSQL take turns by an advisory lock, which the server
 * frees when a transaction ends or its process dies; each looks again, under the lock, whether the step is still due.
 */
export async function migrate(db: Queries, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  for (const migration of migrations) {
    await takeTurn(db, async (tx) => {
      const done = await tx.select().from(schemaMigrations).where(eq(schemaMigrations.id, migration.id));
      if (done.length > 0) return;
      for (const statement of migration.statements) await tx.execute(sql.raw(statement));
      await tx.insert(schemaMigrations).values({ id: migration.id });
    });
  }
}

/** Which steps have not run, by their ids. Reads only. */
export async function pendingMigrations(
  db: Queries,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly string[]> {
  const done = new Set<string>();
  try {
    for (const { id } of await db.select().from(schemaMigrations)) done.add(id);
  } catch (error) {
    if (!isMissingTable(error)) throw error;
  }
  return migrations.map(({ id }) => id).filter((id) => !done.has(id));
}

function takeTurn(db: Queries, step: (tx: Queries) => Promise<void>): Promise<void> {
  return db.transaction(async (tx) => {
    // The role may have a limit of its own, which holds again when the transaction ends.
    await tx.execute(sql`set local statement_timeout = 0`);
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('keyturn.schema_migrations'))`);
    // Under the lock as well: "if not exists" is no protection from another process that creates the table just now.
    await tx.execute(
      sql`create table if not exists schema_migrations (id text primary key, applied_at timestamptz not null default now())`,
    );
    await step(tx);
  });
}
