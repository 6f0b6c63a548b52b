// node scripts/prune-modules.mjs [folder]    after `npm ci --omit=dev`: takes out of its node_modules what the service never
//                                            loads
//
// npm installs the packages that others name as optional peers, when development has them: Express, sockets, microservices
// and TypeScript. Nest takes those of its packages that it finds, at each start. Maps, types and pages to read go as well.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(process.argv[2] ?? '.');
const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));

/** Where `name` is found from a package, as Node looks for it. */
function placeOf(name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const place = `${at}${at && '/'}node_modules/${name}`;
    if (packages[place]) return place;
    if (at === '') return undefined;
  }
}

const needed = new Set();
function need(place) {
  if (place === undefined || needed.has(place)) return;
  if (place !== '') needed.add(place);
  const { dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} } = packages[place];
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers])
    need(placeOf(name, place));
}
need('');

const unneeded = Object.keys(packages).filter((place) => place !== '' && !needed.has(place));
for (const place of unneeded) rmSync(join(folder, place), { recursive: true, force: true });

const PAGES = /\.(map|md|markdown|d\.[cm]?ts|tsbuildinfo)$/i;
const modules = join(folder, 'node_modules');
for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
  // A licence goes wherever the code goes.
  if (entry.isFile() && PAGES.test(entry.name) && !/^(licen[cs]e|notice)/i.test(entry.name)) {
    rmSync(join(entry.parentPath, entry.name));
  }
}
