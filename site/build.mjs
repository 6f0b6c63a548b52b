// npm run docs (in the project's folder): installs what the site needs, gathers the pages, builds dist/site and checks
// that each page is at most two clicks from the start.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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

/** The pages that a page links to in its text; menus do not count. */
const linksOf = (page) =>
  [...readFileSync(out + page, 'utf8').matchAll(/<main[\s\S]*<\/main>/g)]
    .flatMap(([text]) => [...text.matchAll(/href="\/([\w/-]+)\.html(?:#[^"]*)?"/g)])
    .map(([, name]) => `${name}.html`);
const clicks = new Map([['index.html', 0]]);
for (const [page, count] of clicks) {
  for (const next of linksOf(page)) if (!clicks.has(next) && existsSync(out + next)) clicks.set(next, count + 1);
}
const far = sections
  .flatMap(({ pages }) => pages.map(([page]) => `${page}.html`))
  .filter((page) => !(clicks.get(page) <= MOST_CLICKS));
if (far.length > 0) {
  console.error(`site: more than two clicks from the start: ${far.join(', ')}`);
  process.exit(1);
}
console.log(`site: dist/site, ${clicks.size} pages, each listed page at most ${MOST_CLICKS} clicks from the start`);
