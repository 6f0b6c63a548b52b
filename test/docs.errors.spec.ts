import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATUS_CODES } from 'node:http';
import { AUTH_ERRORS, type AuthErrorCode, type ErrorTable } from '../src/index.js';
import { ACCOUNT_ERRORS } from '../src/service/accounts/account.errors.js';
import { root } from './support/source-imports.js';

// docs/errors.md shows each code, made here from the table in the source; accept changes with UPDATE_DOCS=1.

const GUIDE = join(root, 'docs/errors.md');
const PAGES = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const TABLES: Readonly<Record<string, ErrorTable>> = { library: AUTH_ERRORS, service: ACCOUNT_ERRORS };

/** As prettier writes it: each column as wide as its widest cell. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const [head, ...body] = rows.map((row) => `| ${row.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`);
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body].join('\n');
}

const shown = (codes: ErrorTable): string =>
  tableOf([
    ['status', 'code', 'what it means', 'what a client does'],
    ...Object.entries(codes)
      .toSorted(([, a], [, b]) => a.status - b.status)
      .map(([code, { status, meaning, client }]) => [String(status), `\`${code}\``, meaning, client]),
  ]);

it('docs/errors.md shows the codes, statuses and meanings of the source', () => {
  const written = readFileSync(GUIDE, 'utf8');
  const actual = written.replaceAll(
    /(<!-- codes of the (\w+) -->\n\n)(?:\|.*\n)*\n*/g,
    (_, mark: string, whose: string) => `${mark}${shown(TABLES[whose]!)}\n\n`,
  );
  if (process.env.UPDATE_DOCS) writeFileSync(GUIDE, actual);

  expect(actual.match(/\| `token_reused` /g)).toHaveLength(1);
  expect(readFileSync(GUIDE, 'utf8')).toBe(actual);
});

it.each(PAGES)('%s names no code that is not there, and none with another status', (page) => {
  // What /health answers are states and no codes.
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^.*\/health\/.*$/gm, '');
  const known: ErrorTable = { ...AUTH_ERRORS, ...ACCOUNT_ERRORS };
  const wrong = [...text.matchAll(/\b([45]\d\d) ((?:`\w+`(?:, | and | or )?)+)/g)].flatMap(([, status, list]) =>
    [...list!.matchAll(/`(\w+)`/g)].filter(([, code]) => known[code!]?.status !== Number(status)).map(([code]) => code),
  );

  expect(wrong).toEqual([]);
});

describe('the table of errors', () => {
  const all: ErrorTable = { ...AUTH_ERRORS, ...ACCOUNT_ERRORS };

  it.each(Object.entries(all))('%s has a status of HTTP and two sentences', (code, { status, meaning, client }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(STATUS_CODES[status]).toBeDefined();
    for (const sentence of [meaning, client]) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  it('is total: a code without a row does not compile', () => {
    // @ts-expect-error -- no table has this code
    const forgotten: AuthErrorCode = 'a_code_that_has_no_row';

    expect(Object.hasOwn(all, forgotten)).toBe(false);
  });
});
