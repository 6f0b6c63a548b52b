const WIDTH = 760;
const LABELS = 320;
const BAR = 22;
const GAP = 8;
const TOP = 44;
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const numberOf = (cell) => Number(String(cell).replaceAll(',', ''));

/** By the row of peers: the column that is drawn. */
export const DRAWN = {
  guard: 'CPU µs',
  'guard-express': 'CPU µs',
  refresh: 'CPU µs',
  latency: 'p99 ms',
  store: 'bytes per session',
};

/**
 * Horizontal bars of one column of a recorded table, shorter is better; Keyturn's are dark. Plain SVG with its own white
 * ground, so that it can be read on any page; the figures are text, so that they can be searched.
 */
export function plotOf(column, { title, rows }) {
  const longest = Math.max(...rows.map((row) => numberOf(row[column])));
  const height = TOP + rows.length * (BAR + GAP) + GAP;
  const bars = rows.map(({ variant, ...row }, index) => {
    const y = TOP + index * (BAR + GAP);
    const length = Math.max(2, Math.round((numberOf(row[column]) / longest) * (WIDTH - LABELS - 90)));
    const text = `y="${y + BAR / 2 + 5}"`;
    return [
      `<text x="${LABELS - 8}" ${text} text-anchor="end">${escape(variant)}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${length}" height="${BAR}" fill="${variant.startsWith('Keyturn') ? '#1f5fa8' : '#a9b4c0'}"/>`,
      `<text x="${LABELS + length + 6}" ${text}>${row[column]}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="sans-serif" font-size="13" fill="#222">
<title>${escape(`${title}: ${column}`)}</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="16" y="26" font-size="14" font-weight="bold">${escape(`${title}, ${column}`)}</text>
${bars.join('\n')}
</svg>
`;
}
