import type { RecordedRow } from './write.mjs';

export const DRAWN: Readonly<Record<string, string>>;
export function plotOf(column: string, recorded: Pick<RecordedRow, 'title' | 'rows'>): string;
