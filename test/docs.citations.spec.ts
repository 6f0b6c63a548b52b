import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file && existsSync(file));
const read = (file: string): string => readFileSync(file, 'utf8');

/** Files that are made, or that a reader makes, and so are named without being there. */
const MADE = /^(dist|data|coverage|secrets|node_modules|\.cache)\//;

const isThere = (path: string, from: string): boolean =>
  MADE.test(path) || existsSync(path) || existsSync(normalize(join(dirname(from), path)));

/** A Markdown file named in a comment or a text: looked for in docs/, beside the file and at the top. */
function citedDocuments(file: string): string[] {
  const names = read(file).match(/(?<![\w/.*{}$`-])(?:[\w.-]+\/)*[\w-]+\.md(?![\w-])/g) ?? [];
  return names.filter((name) => !isThere(name, file) && !existsSync(join('docs', name)));
}

/** A file of the sources named in a document, such as `src/sessions/rotation.ts`. */
function citedSources(file: string): string[] {
  const paths = read(file).match(/(?<=`)(?:src|test|scripts|bench|examples|docs|ops)\/[\w./-]*[\w/](?=`)/g) ?? [];
  return paths.filter((path) => !isThere(path, file));
}

/** The relative links of a document. */
function brokenLinks(file: string): string[] {
  const targets = [...read(file).matchAll(/\]\((?!https?:|mailto:|#|\/)([^)\s#]+)/g)].map(([, target]) => target!);
  return targets.filter((target) => !existsSync(normalize(join(dirname(file), target))));
}

const documents = tracked.filter((file) => file.endsWith('.md'));
const sources = tracked.filter((file) => /^(src|test|bench|scripts|examples)\/.*\.(ts|mjs)$/.test(file));

const findings = (files: readonly string[], find: (file: string) => string[]): string[] =>
  files.flatMap((file) => find(file).map((what) => `${file}: ${what}`));

describe('what the repository cites is there', () => {
  it('every document that code, tests or benchmarks name exists, so that a reader can look it up', () => {
    expect(findings(sources, citedDocuments)).toEqual([]);
  });

  it('every source file that a document names exists, so that a move takes its documents along', () => {
    expect(findings(documents, citedSources)).toEqual([]);
  });

  it('every relative link of a document leads to a file', () => {
    expect(findings(documents, brokenLinks)).toEqual([]);
  });
});
