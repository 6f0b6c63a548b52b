import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const PAGE = 'docs/api.md';
const LIST = readFileSync('test/public-api.txt', 'utf8');
const START = '<!-- names: written by `UPDATE_DOCS=1 npx jest test/docs.api` -->\n';

interface PublicName {
  readonly entry: string;
  readonly name: string;
  readonly isType: boolean;
}

const names: readonly PublicName[] = LIST.split(/^# /m)
  .slice(1)
  .flatMap((block) => {
    const [entry, ...lines] = block.trim().split('\n');
    return lines.map((line) => ({ entry: entry!, name: line.replace(/^type /, ''), isType: line.startsWith('type ') }));
  });

/** The page without the list of names itself, which explains nothing. */
const textOf = (page: string): string => readFileSync(page, 'utf8').split(START)[0]!;
const pages = readdirSync('docs')
  .filter((page) => page.endsWith('.md'))
  .map((page) => `docs/${page}`)
  .map((page) => ({ page, text: textOf(page), code: codeOf(textOf(page)) }));

function codeOf(text: string): string {
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code).join('\n');
}

/** A name in an example, or in the words of a page between backticks. */
const inCode = ({ code }: { code: string }, { name }: PublicName): boolean => new RegExp(`\\b${name}\\b`).test(code);
const inWords = ({ text }: { text: string }, { name }: PublicName): boolean =>
  new RegExp(`\`[^\`\n]*\\b${name}\\b[^\`\n]*\``).test(text);

const explainedIn = (name: PublicName): string[] =>
  pages
    .filter((page) => inCode(page, name) || inWords(page, name))
    .map(({ page }) => page.slice('docs/'.length))
    .toSorted((a, b) => Number(b === 'api.md') - Number(a === 'api.md'));

/** The list at the end of the page, by entry. */
function table(): string {
  const entries = [...new Set(names.map(({ entry }) => entry))];
  return entries
    .map((entry) => {
      const rows = names
        .filter((name) => name.entry === entry)
        .map((name) => {
          const links = explainedIn(name).slice(0, 3);
          const shown = links.map((page) => `[${page.replace('.md', '')}](${page})`).join(', ');
          return `| \`${name.name}\` | ${name.isType ? 'type' : 'value'} | ${shown} |`;
        });
      return `### \`${entry}\`\n\n| name | kind | explained in |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
    })
    .join('\n');
}

interface Row {
  readonly name: string;
  readonly pages: readonly string[];
}

/** The rows of the list as it stands. */
const rowsIn = (list: string): Row[] =>
  [...list.matchAll(/^\| `(\w+)` .*$/gm)].map(([row, name]) => ({
    name: name!,
    pages: [...row.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page!),
  }));

describe('the public names', () => {
  it('are each explained in the documentation, or they leave the public API', () => {
    const unexplained = names.filter((name) => explainedIn(name).length === 0);

    // Write about it in docs/, or export it from src/internal.ts instead.
    expect(unexplained.map(({ entry, name }) => `${entry}: ${name}`)).toEqual([]);
  });

  it('are each shown in an example, unless they are a type', () => {
    const unshown = names.filter((name) => !name.isType && !pages.some((page) => inCode(page, name)));

    expect(unshown.map(({ entry, name }) => `${entry}: ${name}`)).toEqual([]);
  });

  it('stand in a list with their documents; written anew with UPDATE_DOCS=1', () => {
    const [head, list] = readFileSync(PAGE, 'utf8').split(START);
    if (process.env.UPDATE_DOCS) writeFileSync(PAGE, `${head}${START}\n${table()}`);

    const rows = rowsIn(process.env.UPDATE_DOCS ? table() : (list ?? ''));
    expect(rows.map(({ name }) => name)).toEqual(names.map(({ name }) => name));
    // A page may come to name more of them; one that is listed must go on explaining its own.
    const lost = rows.filter(({ pages: listed }, at) => {
      const explaining = explainedIn(names[at]!);
      return listed.length === 0 || listed.some((page) => !explaining.includes(page));
    });
    expect(lost).toEqual([]);
  });
});
