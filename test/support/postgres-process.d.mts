export interface PostgresServer {
  /** Of the database `postgres`, as its superuser. */
  readonly url: string;
  /** Fails when the server does not start. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}
export function startPostgresServer(args?: readonly string[]): Promise<PostgresServer>;
export function ask(url: string, statement: string): Promise<readonly Record<string, unknown>[]>;
