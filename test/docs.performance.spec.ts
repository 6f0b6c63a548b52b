import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DRAWN, plotOf } from '../bench/peers/plot.mjs';
import { generated, withTables, type PeersRecord } from '../bench/peers/write.mjs';
import { root } from './support/source-imports.js';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const record = JSON.parse(read('bench/peers/recorded.json')) as PeersRecord;

describe('the figures beside others', () => {
  it.each(Object.keys(generated(record)))(
    '%s shows what was recorded; node bench/peers/write.mjs writes it',
    (file) => {
      expect(read(file)).toBe(generated(record)[file]);
    },
  );

  it('of each row are on the page', () => {
    const page = read('docs/performance.md');

    expect(Object.keys(record).filter((row) => !page.includes(`images/peers-${row}.svg`))).toEqual([]);
    expect(Object.keys(DRAWN).filter((row) => !record[row])).toEqual([]);
  });

  it('name the machine on which they were taken, and compare by throughput or by CPU', () => {
    for (const { machine, rows } of Object.values(record)) {
      expect(machine).toMatch(/cores .*GiB, Node v.*load average/);
      const ratios = Object.keys(rows[0]!).filter((column) => /^(of|times) /.test(column));
      expect(ratios.filter((column) => !/by (CPU|throughput)|the CPU of/.test(column))).toEqual([]);
    }
  });
});

describe('the page', () => {
  const page = '# Figures\n\n<!-- peers: refresh -->\n\nof before\n\n<!-- /peers -->\n\nThe end.\n';
  const recorded = {
    title: 'a refresh',
    machine: '2 cores',
    rows: [
      { variant: 'Keyturn', 'CPU µs': '100.0' },
      { variant: '@ackplus/nest-auth, Nest 11', 'CPU µs': '900.0' },
    ],
  };

  it('shows each variant of a row, also one that no earlier run had', () => {
    const [table] = /\| variant[\s\S]*\|/.exec(withTables(page, { refresh: recorded }))!;

    expect(table.split('\n').map((line) => line.split('|')[1]!.trim())).toEqual([
      'variant',
      '---------------------------',
      'Keyturn',
      '@ackplus/nest-auth, Nest 11',
    ]);
  });

  it('says of a row that nobody has recorded that there are no figures, and keeps the marks for later', () => {
    const empty = withTables(page, {});

    expect(empty).toBe(page.replace('of before', '_No run was recorded yet._'));
    expect(withTables(empty, { refresh: recorded })).toBe(withTables(page, { refresh: recorded }));
  });
});

describe('a plot', () => {
  const rows = [
    { variant: 'Keyturn', 'CPU µs': '100.0' },
    { variant: '<other> & more', 'CPU µs': '1,000.0' },
  ];
  const widths = (svg: string): number[] =>
    [...svg.matchAll(/ width="(\d+)" height="22"/g)].map(([, width]) => Number(width));

  it('has a bar for each variant, as long as its figure', () => {
    const [ours, others] = widths(plotOf('CPU µs', { title: 'A refresh', rows }));

    expect(others! / ours!).toBeCloseTo(10, 0);
  });

  it('is well-formed whatever a variant is called', () => {
    expect(plotOf('CPU µs', { title: 'A refresh', rows })).toContain('&lt;other&gt; &amp; more');
  });
});
