import { readFileSync } from 'node:fs';
import { Test } from '@nestjs/testing';
import { AuthModule, generateKeys, RefreshRotationService, SessionService, type RevocationFeed } from 'keyturn';
import { revocationFeedContract, tokenRepositoryContract } from 'keyturn/testing';
import { Pool, type PoolClient } from 'pg';
import { eventually } from '../../test/support/eventually.js';
import { startPostgres, type PostgresDatabase } from '../../test/support/postgres-server.js';
import { PostgresRevocationFeed } from './postgres-revocation.feed.js';
import { PostgresStoreModule } from './postgres-store.module.js';
import { PostgresTokenRepository } from './postgres-token.repository.js';

/** Lets time pass for the store, and for nothing else. */
class StoreInTime extends PostgresTokenRepository {
  passed = 0;

  protected override async now(client: PoolClient): Promise<number> {
    return (await super.now(client)) + this.passed;
  }
}

/** How many subjects others hold. */
async function lockedRows(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ locked: number }>(`
    select (select count(*) from keyturn_subjects)::int
      - count(*)::int as locked from (select 1 from keyturn_subjects for update skip locked) free`);
  return rows[0]!.locked;
}

describe('a store of your own', () => {
  let database: PostgresDatabase;
  let pool: Pool;
  let repository: StoreInTime;

  beforeAll(async () => {
    database = await startPostgres();
    pool = new Pool({ connectionString: database.url });
    repository = new StoreInTime(pool, 5_000);
    await repository.prepare();
    await new PostgresRevocationFeed(pool).prepare();
  });
  afterAll(async () => {
    await pool.end();
    await database.stop();
  });

  describe('keeps sessions', () => {
    const letPass = async (_sub: string, milliseconds: number): Promise<void> =>
      void (repository.passed += milliseconds);
    const contract = tokenRepositoryContract(() => ({ repository, letPass }));

    it.each(contract)('$name', ({ run }) => run());
  });

  describe('carries revocations', () => {
    const connect = async (): Promise<RevocationFeed> => new PostgresRevocationFeed(pool);
    const disconnect = async (feed: RevocationFeed): Promise<void> =>
      (feed as PostgresRevocationFeed).onApplicationShutdown();
    const contract = revocationFeedContract(() => ({ connect, disconnect }));

    it.each(contract)('$name', ({ run }) => run());
  });

  it('leaves no lock behind when a step gets no answer in time', async () => {
    const hasty = new Pool({ connectionString: database.url, query_timeout: 300, max: 1 });
    const waiting = new PostgresTokenRepository(hasty, 300);
    await repository.raiseGeneration('ann', 1, 60_000);
    const holder = await pool.connect();
    await holder.query('begin');
    await holder.query('select 1 from keyturn_subjects for update');
    await expect(waiting.find('ann', 'x')).rejects.toMatchObject({ code: 'store_unavailable' });
    await holder.query('rollback');
    holder.release();
    // The server hears of a connection that has ended a moment later.
    await eventually(async () => (await lockedRows(pool)) === 0, 5_000);
    await hasty.end();
  });

  it('is what docs/own-store.md shows of it', () => {
    const lines = (path: string): string => readFileSync(path, 'utf8').replace(/^ +/gm, '');
    const [, shown] = /a part of \S+ -->\n\n```ts\n(.*?)```/s.exec(lines('docs/own-store.md')) ?? [];

    expect(shown).toContain('advanced: true');
    expect(lines('examples/own-store/postgres-token.repository.ts')).toContain(shown);
  });

  it('serves an application: a session is opened, refreshed and revoked', async () => {
    const store = PostgresStoreModule.forRoot(pool);
    const auth = AuthModule.forRoot({ issuer: 'https://auth.example', keys: generateKeys('ES256'), store });
    const app = await Test.createTestingModule({ imports: [auth] }).compile();
    await app.init();
    const { refreshToken, sessionId } = await app.get(SessionService).open({ sub: 'ann' });

    const refreshed = await app.get(RefreshRotationService).refresh(refreshToken!);
    await app.get(SessionService).revoke('ann', sessionId);

    const again = app.get(RefreshRotationService).refresh(refreshed.refreshToken!);
    await expect(again).rejects.toMatchObject({ code: 'session_revoked' });
    await app.close();
  });
});
