const COLUMNS = [
  'fault',
  'on',
  'attempts',
  'lost',
  'forks',
  'unsafe',
  'alarms',
  'unexplained',
  'longest answer',
  'back within',
  'held',
];

const milliseconds = (measured, target) => {
  if (measured === undefined) return '';
  const text = measured < 1_000 ? `${Math.round(measured)} ms` : `${(measured / 1_000).toFixed(1)} s`;
  return target === undefined ? text : `${text} (≤ ${target < 1_000 ? `${target} ms` : `${target / 1_000} s`})`;
};

function cellsOf({ row, host, result: { tally, back, note, expectedLost = 0 }, misses }) {
  return [
    note ? `${row.name}: ${note}` : row.name,
    host === 'small' ? 'a host' : 'the service',
    tally.attempts.toLocaleString('en'),
    expectedLost > 0 ? `${tally.lost} (all, as expected)` : tally.lost,
    tally.forks,
    tally.unsafe,
    tally.alarms,
    tally.unexplained,
    milliseconds(tally.longest, row.longest),
    milliseconds(back, row.back),
    misses.length === 0 ? 'yes' : 'NO',
  ].map(String);
}

/** As Markdown: what the terminal shows can be pasted into docs/reliability.md. */
export function asTable(results) {
  const lines = [COLUMNS, ...results.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (text, column) => (column < 2 ? text.padEnd(widths[column]) : text.padStart(widths[column]));
  const print = (line) => `| ${line.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) => (column < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  const [header, ...rows] = lines;
  return [print(header), `| ${rule.join(' | ')} |`, ...rows.map(print)].join('\n');
}
