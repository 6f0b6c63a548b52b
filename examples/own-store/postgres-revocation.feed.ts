import type { OnApplicationShutdown } from '@nestjs/common';
import {
  AuthError,
  RevocationFeed,
  type PublishedRevocation,
  type Revocation,
  type RevocationSubscriber,
} from 'keyturn';
import type { Pool } from 'pg';

/**
 * A feed in PostgreSQL, to show how one is written: instances ask a few times within `maxStaleness` for all entries that
 * can still matter. Entries may come twice, so nothing has to be remembered between two readings.
 */
export class PostgresRevocationFeed extends RevocationFeed implements OnApplicationShutdown {
  private subscriber?: RevocationSubscriber;
  private timer?: NodeJS.Timeout;
  private readAt = -Infinity;

  constructor(private readonly pool: Pool) {
    super();
  }

  /** Makes the table. */
  async prepare(): Promise<void> {
    await this.pool.query('create table if not exists keyturn_feed (at bigint not null, entry text not null)');
    await this.pool.query('create index if not exists keyturn_feed_at on keyturn_feed (at)');
  }

  async subscribe(subscriber: RevocationSubscriber): Promise<void> {
    this.subscriber = subscriber;
    await this.read();
    this.timer = setInterval(() => void this.read(), subscriber.maxStaleness / 4);
  }

  async publish(revocations: readonly Revocation[]): Promise<void> {
    const at = await this.time();
    const published = revocations.map((revocation) => ({ at, ...revocation }));
    const entries = published.map((entry) => JSON.stringify(entry));
    await answered(this.pool.query('insert into keyturn_feed select $1, unnest($2::text[])', [at, entries]));
    this.subscriber?.receive(published);
  }

  staleness(): number {
    return performance.now() - this.readAt;
  }

  async time(): Promise<number> {
    const now = 'select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now';
    const { rows } = await answered(this.pool.query<{ now: number }>(now));
    return rows[0]!.now;
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async read(): Promise<void> {
    const asked = performance.now();
    try {
      const since = (await this.time()) - this.subscriber!.retention;
      await this.pool.query('delete from keyturn_feed where at < $1', [since]);
      const { rows } = await this.pool.query<{ entry: string }>('select entry from keyturn_feed where at >= $1', [
        since,
      ]);
      this.subscriber!.receive(rows.map(({ entry }) => JSON.parse(entry) as PublishedRevocation));
      this.readAt = asked;
    } catch {
      // The next reading may succeed; until then `staleness` tells.
    }
  }
}

async function answered<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (cause) {
    throw new AuthError('store_unavailable', 'The database does not answer.', { cause });
  }
}
