// Gathers the pages of the site in site/.content: those of docs/, some from elsewhere in the repository, and the reference
// of the API, which TypeDoc makes from the sources. Links are rewritten to where the pages lie here; a link to a file that
// is no page leads to the repository, whose address is given by the variable REPOSITORY, or is shown as a path without it.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { elsewhere, sections } from './pages.mjs';

const site = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const content = `${site}.content`;
const { REPOSITORY } = process.env;

const markdown = (folder) => readdirSync(root + folder).filter((name) => name.endsWith('.md'));
const examples = readdirSync(`${root}examples`).filter((name) => existsSync(`${root}examples/${name}/README.md`));
/** Path in the repository → path in the site. */
const pages = new Map([
  ...markdown('docs').map((name) => [`docs/${name}`, name]),
  ...examples.map((name) => [`examples/${name}/README.md`, `example-${name}.md`]),
  ...Object.entries(elsewhere).filter(([path]) => existsSync(root + path)),
]);

const listed = sections.flatMap((section) => section.pages.map(([page]) => `${page}.md`));
const missing = listed.filter((name) => name !== 'api/index.md' && ![...pages.values()].includes(name));
if (missing.length > 0) {
  console.error(`site/pages.mjs lists pages that are not there: ${missing.join(', ')}`);
  process.exit(1);
}
const titleOf = (path) => /^# (.+)$/m.exec(readFileSync(root + path, 'utf8'))?.[1] ?? path;
const more = [...pages]
  .filter(([, name]) => !listed.includes(name))
  .map(([path, name]) => [name.slice(0, -3), titleOf(path)]);
if (more.length > 0) sections.push({ text: 'More', pages: more });

/** A page as it is right in the site: its links, and what only the site has, `<!-- site: … -->`. Code is left alone. */
function relinked(text, from) {
  const whole = text.replace(/<!-- site: (.*?) -->/g, '$1');
  return whole.replace(/(```[\s\S]*?```|`[^`\n]*`)|(?<!!)\[([^\]]*)\]\(([^)\s]+)\)/g, (all, code, label, target) => {
    if (code || /^(https?:|mailto:|#|\/)/.test(target)) return all;
    const [path, hash] = target.split('#');
    const file = posix.normalize(posix.join(posix.dirname(from), path)).replace(/\/$/, '');
    const page = pages.get(file) ?? pages.get(`${file}/README.md`);
    if (page) return `[${label}](/${page}${hash ? `#${hash}` : ''})`;
    if (!existsSync(root + file)) {
      console.error(`${from}: the link ${target} leads to no file`);
      process.exitCode = 1;
    }
    if (REPOSITORY) return `[${label}](${REPOSITORY}/blob/main/${file})`;
    return label.replaceAll('`', '') === file ? `\`${file}\`` : `${label} (\`${file}\`)`;
  });
}

rmSync(content, { recursive: true, force: true });
mkdirSync(content);
// Pictures stay where the pages look for them.
cpSync(`${root}docs/images`, `${content}/images`, { recursive: true });
writeFileSync(`${content}/sections.json`, JSON.stringify(sections));
for (const [from, to] of pages) {
  if (from === 'README.md') continue;
  writeFileSync(`${content}/${to}`, relinked(readFileSync(root + from, 'utf8'), from));
}

const entries = ['index', 'testing/index', 'openapi/index', 'auth.tick-shape', 'client/index'].filter((name) =>
  existsSync(`${root}src/${name}.ts`),
);
const { status } = spawnSync(
  process.execPath,
  [
    `${site}node_modules/typedoc/bin/typedoc`,
    '--plugin',
    'typedoc-plugin-markdown',
    '--plugin',
    'typedoc-vitepress-theme',
    '--tsconfig',
    `${root}tsconfig.build.json`,
    '--out',
    `${content}/api`,
    '--docsRoot',
    content,
    '--readme',
    'none',
    '--entryFileName',
    'index',
    '--excludeInternal',
    '--excludePrivate',
    '--disableSources',
    '--sanitizeComments',
    'true',
    '--useHTMLEncodedBrackets',
    'true',
    '--hidePageHeader',
    'true',
    '--validation.notExported',
    'false',
    '--treatValidationWarningsAsErrors',
    '--logLevel',
    'Warn',
    ...entries.flatMap((name) => ['--entryPoints', `${root}src/${name}.ts`]),
  ],
  { stdio: 'inherit', cwd: site },
);
if (status !== 0) process.exit(1);
