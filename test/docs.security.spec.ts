import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support/source-imports.js';

const rows = readFileSync(join(root, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('`') && !line.startsWith('| threat'));

describe('SECURITY.md: a promise is what a test shows', () => {
  it('has a table of threats', () => {
    expect(rows.length).toBeGreaterThan(15);
  });

  it.each(rows.map((row) => [row.split('|')[1]!.trim(), row]))('%s: names tests that are there', (_, row) => {
    const shownBy = row.split('|')[3]!;
    const files = [...shownBy.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});
