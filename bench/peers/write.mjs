// node bench/peers/write.mjs    writes the tables of docs/performance.md and the plots of docs/images from recorded.json,
//                               which `npm run bench -- peers --record` leaves
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { root } from '../../scripts/root.mjs';
import { tableOf } from '../table.mjs';
import { DRAWN, plotOf } from './plot.mjs';
import { readRecord } from './record.mjs';

/**
 * A page with the recorded table and plot below each mark `<!-- peers: row -->`, up to the mark of its end; of a row that
 * was never recorded it says so.
 */
export const withTables = (page, record) =>
  page.replaceAll(/<!-- peers: ([\w-]+) -->[\s\S]*?<!-- \/peers -->/g, (_, row) => {
    const content = record[row] ? recordedContent(row, record[row]) : '_No run was recorded yet._';
    return `<!-- peers: ${row} -->\n\n${content}\n\n<!-- /peers -->`;
  });

const recordedContent = (row, { title, rows, machine }) =>
  `![${title}](images/peers-${row}.svg)\n\n${tableOf(rows)}\n\n_${machine}_`;

/** By the path of the file: what belongs in it. */
export function generated(record = readRecord()) {
  const page = 'docs/performance.md';
  return {
    [page]: withTables(readFileSync(root + page, 'utf8'), record),
    ...Object.fromEntries(
      Object.entries(record).map(([row, seen]) => [`docs/images/peers-${row}.svg`, plotOf(DRAWN[row], seen)]),
    ),
  };
}

if (process.argv[1]?.endsWith('bench/peers/write.mjs')) {
  mkdirSync(`${root}docs/images`, { recursive: true });
  for (const [file, content] of Object.entries(generated())) writeFileSync(root + file, content);
}
