// npm run package                                writes dist/package/, the folder that is packed: the library's two builds
//                                                without the service
// npm run package -- --repository <url>          with the address of the repository, and README's links made absolute
// npm run package -- --publishable               refuses what must not be published, with a sentence for each reason
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
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

// tsconfig.cjs.json compiles what the entries reach and nothing else, so dist/cjs is also the list of what to take of
// dist/esm, which holds the service too.
const files = readdirSync(`${root}dist/cjs`, { recursive: true })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.(js|d\.ts|map)$/.test(path));
const strays = files.filter((path) => /^(service\/|main\.)/.test(path));
if (strays.length > 0) fail(`the library reaches into the service: ${strays.join(', ')}`);

/** What a name is for stands in the declarations, where editors look; said in both builds again it is a fifth of all. */
const withoutDocs = (code) =>
  code.replace(/^\/\/# sourceMappingURL=.*\n?$/m, '').replace(/^[ \t]*\/\*\*[\s\S]*?\*\/[ \t]*\n/gm, '');

/** The lab is a program that nobody imports: it comes once, and without declarations. */
const isSpare = (build, path) => path.startsWith('lab/') && (build === 'cjs' || path.endsWith('.d.ts'));

rmSync(out, { recursive: true, force: true });
for (const build of ['esm', 'cjs']) {
  for (const path of files) {
    const [from, to] = [`${root}dist/${build}/${path}`, `${out}/${build}/${path}`];
    // Maps hold the sources once more for each build, which is more than half of all; what tsc writes can be read as it is.
    if (path.endsWith('.map') || isSpare(build, path)) continue;
    mkdirSync(dirname(to), { recursive: true });
    if (path.endsWith('.js')) writeFileSync(to, withoutDocs(readFileSync(from, 'utf8')));
    else cpSync(from, to);
  }
}
cpSync(`${root}dist/cjs/package.json`, `${out}/cjs/package.json`);
cpSync(`${root}schematics`, `${out}/schematics`, { recursive: true });
cpSync(`${root}LICENSE`, `${out}/LICENSE`);
const readme = readFileSync(`${root}README.md`, 'utf8');
writeFileSync(`${out}/README.md`, address ? withAbsoluteLinks(readme, asked.repository, version) : readme);

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
  for (const { fileName: specifier } of ts.preProcessFile(readFileSync(path, 'utf8')).importedFiles) {
    if (specifier.startsWith('.')) walk(join(dirname(path), specifier.replace(/\.js$/, '.d.ts')), allowed, seen);
    else if (
      !specifier.startsWith('node:') &&
      ![...known, ...allowed].some((peer) => specifier === peer || specifier.startsWith(`${peer}/`))
    )
      leaks.add(`${path.slice(`${out}/cjs/`.length)}: ${specifier}`);
  }
};
for (const path of Object.values(entries)) walk(`${out}/cjs/${path}.d.ts`, expected[path] ?? []);
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
