export interface RecordedRow {
  readonly title: string;
  readonly machine: string;
  /** The table: each row by the heads of its columns; `variant` is the first. */
  readonly rows: readonly Readonly<Record<string, string>>[];
}
export type PeersRecord = Readonly<Record<string, RecordedRow>>;
export function withTables(page: string, record: PeersRecord): string;
export function generated(record?: PeersRecord): Readonly<Record<string, string>>;
