import { existsSync, readFileSync } from 'node:fs';

/** What a run with `--record` saw, by row. */
export const recordFile = new URL('recorded.json', import.meta.url);

export const readRecord = () => (existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, 'utf8')) : {});
