import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { compilerFaults } from './support/snippets.js';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync('examples').map((name) => `examples/${name}/README.md`),
];
/** What is run or pasted. Other fences show an answer, a file or a drawing. */
const RUN = ['sh', 'ts', 'js', 'sql'];

interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** The comment above it: `walk: name`, `test: file`, `host: file`, `not-run: reason`. */
  readonly mark: string;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/(?:<!-- (.+?) -->\s+)?^ *```(\w*)\n([\s\S]*?)^ *```$/gm)].map((match) => {
    const [, mark = '', language = '', code = ''] = match;
    return { page, line: text.slice(0, match.index).split('\n').length, language, code, mark };
  });
}

const blocks = PAGES.flatMap(blocksOf).filter(({ language }) => RUN.includes(language));
const named = ({ page, line, mark }: Block): string => `${page}:${line} ${mark}`;

/** The file of an application of `npm run test:hosts` or `test:next` that a block shows as a whole; it is compiled and run there. */
const hostFile = (mark: string): string | undefined => /^host: (\S+)$/.exec(mark)?.[1];

/** A mark that says why a block need not be run, or which file runs it. */
function isAccountedFor({ page, mark, language, code }: Block): boolean {
  if (/^not-run: .{10,}/.test(mark)) return true;
  if (hostFile(mark) !== undefined) return readFileSync(hostFile(mark)!, 'utf8').trim() === code.trim();
  if (language === 'ts') return true;
  const [, file] = /^test: (\S+)$/.exec(mark) ?? [];
  if (file) return existsSync(file) && readFileSync(file, 'utf8').includes(page);
  return isWalked(page, mark);
}

const walks = [
  ...readdirSync('test/walk').map((name) => `test/walk/${name}`),
  'test/docs.spec.ts',
  'examples/monorepo/monorepo.spec.ts',
].map((path) => readFileSync(path, 'utf8'));

/** Whether a file that walks through this page asks for this mark. */
function isWalked(page: string, mark: string): boolean {
  const asked = [`'${mark}'`, `'${mark.replace(/^walk: /, '')}'`, `<!-- ${mark} -->`];
  return /^walk\b/.test(mark) && walks.some((text) => text.includes(page) && asked.some((name) => text.includes(name)));
}

/** The scripts of package.json that a block calls. */
const scriptsOf = ({ code }: Block): string[] =>
  [...code.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, script]) => script!);

describe('the snippets of the documentation', () => {
  it('are each run by a test or say why not, so that none grows old unseen', () => {
    expect(blocks.length).toBeGreaterThan(30);
    expect(blocks.filter((block) => !isAccountedFor(block)).map(named)).toEqual([]);
  });

  it('compile as they stand', () => {
    const compiled = blocks.filter(({ language, mark }) => language === 'ts' && !/^(not-run|host): /.test(mark));
    expect(compiled.length).toBeGreaterThan(10);
    expect(compilerFaults(compiled.map(({ code }) => code))).toEqual([]);
  });

  it('call commands that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const missing = blocks.flatMap((block) =>
      scriptsOf(block)
        .filter((name) => !(name in scripts))
        .map((name) => `${named(block)}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('the README', () => {
  it('is a first screen of at most 200 lines', () => {
    expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThanOrEqual(200);
  });

  it('has the install lines of the quick start, which is walked with them', () => {
    const [readme, quick] = ['README.md', 'docs/quick-start.md'].map((page) => blocksOf(page));
    const lines = (of: Block[]) => of.map(({ code }) => code).filter((code) => code.includes('npm install keyturn'));
    expect(lines(readme!)).toHaveLength(2);
    expect(lines(readme!)).toEqual(lines(quick!));
  });
});
