// npm run docs (in the project's folder): installs what the site needs, gathers the pages, builds dist/site and checks
// that each page is at most two clicks from the start and each link to a heading finds it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sections } from './pages.mjs';

const site = fileURLToPath(new URL('.', import.meta.url));
const out = fileURLToPath(new URL('../dist/site/', import.meta.url));
/** The tools say themselves what is wrong. */
function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: site, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
const MOST_CLICKS = 2;

if (!existsSync(`${site}node_modules/vitepress`)) run('npm', 'ci', '--no-audit', '--no-fund');
run(process.execPath, 'prepare.mjs');
run(process.execPath, 'node_modules/vitepress/bin/vitepress.js', 'build');

const html = new Map(
  readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((page) => page.endsWith('.html'))
    .map((page) => [page, readFileSync(out + page, 'utf8')]),
);
/** The pages and headings that a page links to in its text; menus do not count. VitePress itself has checked the pages. */
const linksOf = (page) =>
  [...html.get(page).matchAll(/<main[\s\S]*<\/main>/g)]
    .flatMap(([text]) => [...text.matchAll(/href="([^":#]*\.html)?(?:#([^"]+))?"/g)])
    .map(([, path = `/${page}`, heading]) => ({
      page: posix.resolve('/', posix.dirname(page), path).slice(1),
      heading: decodeURIComponent(heading ?? ''),
    }));

const headings = new Map([...html].map(([page, text]) => [page, new Set(text.match(/(?<= id=")[^"]+/g))]));
const lost = [...html.keys()].flatMap((from) =>
  linksOf(from)
    .filter(({ page, heading }) => heading !== '' && !headings.get(page)?.has(heading))
    .map(({ page, heading }) => `${from} links to ${page}#${heading}`),
);
if (lost.length > 0) {
  console.error(`site: no such heading: ${lost.join(', ')}`);
  process.exit(1);
}

const clicks = new Map([['index.html', 0]]);
for (const [page, count] of clicks) {
  for (const { page: next } of linksOf(page)) if (!clicks.has(next) && html.has(next)) clicks.set(next, count + 1);
}
const far = sections
  .flatMap(({ pages }) => pages.map(([page]) => `${page}.html`))
  .filter((page) => !(clicks.get(page) <= MOST_CLICKS));
if (far.length > 0) {
  console.error(`site: more than two clicks from the start: ${far.join(', ')}`);
  process.exit(1);
}
console.log(`site: dist/site, ${clicks.size} pages, each listed page at most ${MOST_CLICKS} clicks from the start`);
