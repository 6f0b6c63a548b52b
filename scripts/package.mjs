// npm run package                                writes dist/package/, the folder that is packed: the library as ES modules
//                                                and as CommonJS, without the service
// npm run package -- --repository <url>          with the address of the repository, and README's links made absolute
// npm run package -- --publishable               refuses what must not be published, with a sentence for each reason
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { bundleLibrary } from './bundle-library.mjs';
import { obstacles, repositoryFields, withAbsoluteLinks } from './package-metadata.mjs';
import { root } from './root.mjs';

const out = `${root}dist/package`;
/** Bytes. Passport and passport-jwt take the rest of what a host is promised. */
const LARGEST = 2_690_000;
const readJson = (path) => JSON.parse(readFileSync(root + path, 'utf8'));
const fail = (message) => {
  console.error(`package: ${message}`);
  process.exit(1);
};

// Another script that imports this one has arguments of its own.
const isMain = process.argv[1] === fileURLToPath(import.meta.url);
const { values: asked } = parseArgs({
  args: isMain ? process.argv.slice(2) : [],
  options: { repository: { type: 'string' }, publishable: { type: 'boolean' } },
});
const { version, license, engines, author } = readJson('package.json');
if (asked.publishable) {
  const changelog = readFileSync(`${root}CHANGELOG.md`, 'utf8');
  const found = obstacles({ ...asked, version, changelog });
  if (found.length > 0) fail(`${version} cannot be published.\n  ${found.join('\n  ')}`);
}
let address;
try {
  address = asked.repository && repositoryFields(asked.repository);
} catch (error) {
  fail(error.message);
}

if (!existsSync(`${root}dist/.built`)) fail('there is no complete build in dist/: run `npm run build` first');

const { name, description, keywords, ...dependencies } = readJson('scripts/package.manifest.json');
const clients = ['axios', 'ky', 'angular', 'react', 'next', 'expo'];
/** What a host may import, and the file of src/ that it is. */
const entries = {
  '.': 'index',
  './openapi': 'openapi/index',
  './testing': 'testing/index',
  './tick-shape': 'auth.tick-shape',
  './client': 'client/index',
  ...Object.fromEntries(clients.map((client) => [`./client/${client}`, `client/${client}`])),
};

const declarationAt = (from, specifier) => posix.join(dirname(from), specifier.replace(/\.js$/, '.d.ts'));
/** The declarations that the entries reach, as paths below dist/esm, each with what it imports. */
const declarations = new Map();
const reach = (path) => {
  if (declarations.has(path)) return;
  const { importedFiles } = ts.preProcessFile(readFileSync(`${root}dist/esm/${path}`, 'utf8'));
  const specifiers = importedFiles.map(({ fileName }) => fileName);
  declarations.set(path, specifiers);
  for (const specifier of specifiers) if (specifier.startsWith('.')) reach(declarationAt(path, specifier));
};
for (const path of Object.values(entries)) reach(`${path}.d.ts`);

rmSync(out, { recursive: true, force: true });
const write = (path, text) => {
  mkdirSync(dirname(`${out}/${path}`), { recursive: true });
  writeFileSync(`${out}/${path}`, text);
};
// The lab is a program that nobody imports.
const bundles = await bundleLibrary(`${root}dist/esm`, { entries: Object.values(entries), programs: ['lab/cli'] });
const strays = bundles.sources.filter((path) => /^(service\/|main\.)/.test(path));
if (strays.length > 0) fail(`the library reaches into the service: ${strays.join(', ')}`);
for (const format of ['esm', 'cjs']) {
  for (const { path, text } of bundles[format]) write(`${format}/${path}`, text);
  for (const path of declarations.keys()) write(`${format}/${path}`, readFileSync(`${root}dist/esm/${path}`));
}
write('cjs/package.json', '{ "type": "commonjs", "sideEffects": ["./auth.tick-shape.js"] }\n');
cpSync(`${root}schematics`, `${out}/schematics`, { recursive: true });
cpSync(`${root}LICENSE`, `${out}/LICENSE`);
const readme = readFileSync(`${root}README.md`, 'utf8');
writeFileSync(`${out}/README.md`, address ? withAbsoluteLinks(readme, asked.repository, version) : readme);

const entry = (path) => ({
  import: { types: `./esm/${path}.d.ts`, default: `./esm/${path}.js` },
  require: { types: `./cjs/${path}.d.ts`, default: `./cjs/${path}.js` },
});
const manifest = {
  name,
  version,
  description,
  keywords,
  author,
  license,
  ...address,
  type: 'module',
  // What it does at its import is the point of it, so a bundler must not drop it.
  sideEffects: ['./esm/auth.tick-shape.js', './cjs/auth.tick-shape.js'],
  engines,
  main: './cjs/index.js',
  module: './esm/index.js',
  types: './cjs/index.d.ts',
  bin: { keyturn: './esm/lab/cli.js' },
  exports: {
    ...Object.fromEntries(Object.entries(entries).map(([at, path]) => [at, entry(path)])),
    './package.json': './package.json',
  },
  // `nest add keyturn`
  schematics: './schematics/collection.json',
  // moduleResolution "node10" does not read `exports`.
  typesVersions: {
    '*': Object.fromEntries(
      Object.entries(entries)
        .map(([at, path]) => [at.slice(2), [`./cjs/${path}.d.ts`]])
        .slice(1),
    ),
  },
  ...dependencies,
};
writeFileSync(`${out}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);

// A declaration that names a module without types of its own, or one that a host need not have, breaks the host's compile.
const optional = Object.keys(dependencies.peerDependenciesMeta);
const known = Object.keys(dependencies.peerDependencies).filter((peer) => !optional.includes(peer));
const leaks = new Set();
// Who imports this entry has the module: it is what the entry is for.
const expected = { 'openapi/index': ['@nestjs/swagger'] };
const walk = (path, allowed, seen = new Set()) => {
  if (seen.has(path)) return;
  seen.add(path);
  for (const specifier of declarations.get(path)) {
    if (specifier.startsWith('.')) walk(declarationAt(path, specifier), allowed, seen);
    else if (
      !specifier.startsWith('node:') &&
      ![...known, ...allowed].some((peer) => specifier === peer || specifier.startsWith(`${peer}/`))
    )
      leaks.add(`${path}: ${specifier}`);
  }
};
for (const path of Object.values(entries)) walk(`${path}.d.ts`, expected[path] ?? []);
if (leaks.size > 0) {
  fail(`declarations show modules that a host need not have, or that have no types:\n  ${[...leaks].join('\n  ')}
Annotate the exported class or function so that the module stays out of its declaration.`);
}

const bytes = readdirSync(out, { recursive: true })
  .map((path) => statSync(`${out}/${String(path)}`))
  .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
if (bytes > LARGEST)
  fail(`it has ${Math.round(bytes / 1024)} KiB; a host is promised at most 3 MB, with its two dependencies`);
console.log(`dist/package: ${name} ${version}, ${Math.round(bytes / 1024)} KiB`);
