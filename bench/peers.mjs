import { writeFileSync } from 'node:fs';
import { startPostgresServer } from '../test/support/postgres-process.mjs';
import { describeLoad, describeMachine } from './machine.mjs';
import { guardOnExpressRow, guardRow } from './peers/guard.mjs';
import { readRecord, recordFile } from './peers/record.mjs';
import { latencyRow, refreshRow } from './peers/refresh.mjs';
import { storeRow } from './peers/store.mjs';
import { peersTree } from './peers/tree.mjs';
import { startRedis } from './redis.mjs';
import { printTable } from './table.mjs';

/** docs/performance.md, goals 1, 2, 3 and 7, beside others. */
const ROWS = {
  guard: guardRow,
  'guard-express': guardOnExpressRow,
  refresh: refreshRow,
  latency: latencyRow,
  store: storeRow,
};

/**
 * Keyturn beside others, in one run: `npm run bench -- peers [row …]`. With `record`, what came out goes into
 * `peers/recorded.json`, from which the tables and plots of docs/performance.md are made.
 */
export async function peers({ rounds = 5, milliseconds = 600, only, rows = [], record }) {
  const unknown = rows.filter((row) => !Object.hasOwn(ROWS, row));
  if (unknown.length > 0)
    throw new Error(`peers has no row ${unknown.join(', ')}; it has ${Object.keys(ROWS).join(', ')}`);
  const [tree, nest11] = [peersTree(), peersTree('nest11')];
  const [redis, postgres] = [await startRedis(), await startPostgresServer()];
  await postgres.ready;
  for (const row of rows.length > 0 ? rows : Object.keys(ROWS)) {
    const seen = await ROWS[row]({ rounds, milliseconds, only, tree, nest11, redis, postgres });
    printTable(`Peers: ${seen.title}`, seen.rows);
    if (record) {
      const recorded = { ...readRecord(), [row]: { ...seen, machine: `${describeMachine()}; ${describeLoad()}` } };
      writeFileSync(recordFile, `${JSON.stringify(recorded, null, 2)}\n`);
    }
  }
  await Promise.all([redis.stop(), postgres.stop()]);
}
