import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from './chance.mjs';
import { Tally } from './tally.mjs';

/*
 * A row of the table:
 *   name     what goes wrong
 *   sizes    how often or how much of it, `{ full, short, service }`: on a small host with the library in it, the same in
 *            a short run, and on the service as it is shipped, with PostgreSQL; without a size a row is not run there
 *   limit    milliseconds the whole row may take on a small host; on the service four times as many
 *   longest  milliseconds any answer may take, where that is promised
 *   back     milliseconds within which service is back, where that is promised
 *   run      `({ own, tally, chance, size, short, host }) => { back, note, misses, expectedLost }`, all optional; what is
 *            `own`ed is stopped when the row ends, however it ends
 */

const MUST_BE_ZERO = ['forks', 'unsafe', 'alarms', 'unexplained', 'odd'];

export async function runRow(row, { seed, short, host }) {
  const owned = [];
  const own = (thing) => {
    owned.push(thing);
    return thing;
  };
  const tally = new Tally();
  const size = sizeOf(row, { short, host });
  // Services take seconds to start, and hash a password for each login.
  const limit = row.limit * (host === 'service' ? 4 : 1);
  const started = performance.now();
  const outcome = await Promise.race([
    row.run({ own, tally, size, short, host, chance: new Chance(seed, row.name) }),
    sleep(limit, undefined, { ref: false }).then(() => Promise.reject(new Error(`not done in ${limit} ms`))),
  ]).catch((error) => ({ misses: [`failed: ${error.stack}`] }));
  const took = performance.now() - started;
  tally.checkHistory();
  for (const thing of owned.toReversed()) {
    await thing.stop().catch((error) => tally.count('odd', `left behind: ${error.message}`));
  }
  return { ...outcome, tally, took };
}

/** 0 where the row is not run. */
export const sizeOf = ({ sizes }, { short, host }) =>
  (host === 'service' ? !short && sizes.service : short ? sizes.short : sizes.full) || 0;

/**
 * @param patience by which the promised times are multiplied: a short run runs beside others, and is about what is lost
 * @returns a sentence for each target that was missed
 */
export function judge({ longest, back }, { tally, expectedLost = 0, misses = [], back: wasBack }, patience = 1) {
  const missed = [...misses];
  for (const what of MUST_BE_ZERO) if (tally[what] > 0) missed.push(`${tally[what]} ${what}, want 0`);
  if (tally.lost !== expectedLost) missed.push(`${tally.lost} lost, want ${expectedLost}`);
  if (tally.attempts === 0) missed.push('nothing was tried');
  if (tally.longest > longest * patience)
    missed.push(`an answer took ${Math.round(tally.longest)} ms, want ${longest} at most`);
  if (back !== undefined && !(wasBack <= back * patience))
    missed.push(`back after ${Math.round(wasBack)} ms, want ${back} at most`);
  return missed;
}
