// What `nest add keyturn` does after it has installed the package: it writes the packages that Keyturn needs into
// package.json, in the versions that fit the application's Nest, and AuthModule into the root module. It imports nothing, so
// that it runs with every Nest CLI, under pnpm and Yarn's Plug'n'Play too.
'use strict';

const PACKAGES = {
  11: { '@nestjs/jwt': '^11.0.0', '@nestjs/passport': '^11.0.0', passport: '^0.7.0', ioredis: '^5.4.1' },
  12: { '@nestjs/jwt': '^12.0.0', '@nestjs/passport': '^12.0.0', passport: '^0.7.0', ioredis: '^6.0.0' },
};

/** What is written, under the name by which the root module calls it. In lines that the Prettier of `nest new` keeps. */
const importOf = (name) =>
  [
    'import {',
    `  ${name === 'AuthModule' ? name : `AuthModule as ${name}`},`,
    '  generateKeys,',
    '  InMemoryTokenRepositoryModule,',
    "} from 'keyturn';\n",
  ].join('\n');

const moduleOf = (name, { guards = [], publicKey }) => [
  `${name}.forRoot({`,
  '  // The public URL of this application.',
  "  issuer: 'http://localhost:3000',",
  '  // A private JWKS. Without AUTH_KEYS each start makes new keys, and everybody has to log in again.',
  '  keys: process.env.AUTH_KEYS ?? generateKeys(),',
  "  // For more than one process: RedisTokenRepositoryModule.forRoot({ url: 'redis://localhost:6379' })",
  '  store: InMemoryTokenRepositoryModule.forRoot(),',
  "  routes: { path: 'auth' },",
  '  isGlobal: true,',
  "  // 'global' guards every route that is not @Public(); with 'manual' write @UseGuards(JwtAuthGuard).",
  "  guard: 'manual',",
  ...(publicKey ? ['  // The metadata key of your own @Public().', `  publicMetadata: '${publicKey}',`] : []),
  ...(guards.length > 0 ? ["  // Live tokens of AuthGuard('jwt') are taken over by `legacy`: docs/moving-in.md"] : []),
  '}),',
];

/** @returns the rule of the schematic */
exports.nestAdd = function nestAdd({ sourceRoot = 'src', module = 'app.module.ts', skipInstall = false }) {
  return (tree, context) => {
    const found = lookAround(tree, `/${sourceRoot}`);
    tell(found, context.logger);
    const changed = addPackages(tree, context.logger);
    addModule(tree, `/${sourceRoot}/${module}`, found, context.logger);
    if (found.guards.length > 0) {
      context.logger.info(
        "Nobody is logged out: docs/moving-in.md says how AuthGuard('jwt') is replaced, route by route.",
      );
    }
    // The task of the schematics' own NodePackageInstallTask, which cannot be imported from here everywhere.
    if (changed && !skipInstall) {
      context.addTask({
        toConfiguration: () => ({ name: 'node-package', options: { command: 'install', quiet: true } }),
      });
    }
    return tree;
  };
};

/** What the application has of a login of its own. */
function lookAround(tree, sourceRoot) {
  const found = { guards: [], strategies: [], publicKey: undefined, ownModule: undefined, platform: undefined };
  tree.getDir(sourceRoot).visit((path) => {
    if (!path.endsWith('.ts') || path.endsWith('.d.ts') || path.includes('/node_modules/')) return;
    const text = tree.read(path).toString();
    const uses = text.match(/\bAuthGuard\(\s*['"]jwt['"]\s*\)/g)?.length ?? 0;
    if (uses > 0) found.guards.push({ path, uses });
    if (/\bPassportStrategy\(/.test(text) && text.includes('passport-jwt')) found.strategies.push(path);
    found.publicKey ??= publicKeyIn(text);
    if (/\bexport\s+class\s+AuthModule\b/.test(text)) found.ownModule ??= path;
  });
  const { dependencies = {} } = parsed(tree.read('/package.json')?.toString() ?? '{}');
  found.platform = dependencies['@nestjs/platform-fastify'] ? 'Fastify' : 'Express';
  return found;
}

/** The key of a decorator that lets everybody in, as the documentation of Nest writes it; undefined where there is none. */
function publicKeyIn(text) {
  const [, key] = /\bconst\s+Public\s*=[\s\S]{0,120}?SetMetadata\(\s*([\w'"]+)\s*,\s*true\s*\)/.exec(text) ?? [];
  if (key === undefined) return undefined;
  if (/^['"]/.test(key)) return key.slice(1, -1);
  return new RegExp(`\\bconst\\s+${key}\\s*=\\s*['"](\\w+)['"]`).exec(text)?.[1];
}

function tell({ guards, strategies, publicKey, ownModule, platform }, logger) {
  const lines = [
    ...guards.map(({ path, uses }) => `AuthGuard('jwt'), ${uses === 1 ? 'once' : `${uses} times`}, in ${path}`),
    ...strategies.map((path) => `a strategy of passport-jwt in ${path}`),
    ...(publicKey ? [`a @Public() of your own with the metadata key '${publicKey}'`] : []),
    ...(ownModule ? [`an AuthModule of your own in ${ownModule}; Keyturn's is called KeyturnModule here`] : []),
    platform,
  ];
  logger.info(`Found:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

/** Shows what changes in a file, before it is written. */
function show(path, before, after, logger) {
  const [old, present] = [before.split('\n'), after.split('\n')];
  const changed = [
    ...old.filter((line) => line.trim() && !present.includes(line)).map((line) => `- ${line}`),
    ...present.filter((line) => line.trim() && !old.includes(line)).map((line) => `+ ${line}`),
  ];
  logger.info(`${path}:\n${changed.map((line) => `  ${line}`).join('\n')}`);
}

/** npm takes a byte order mark, JSON.parse() does not. */
const parsed = (text) => JSON.parse(text.replace(/^\uFEFF/, ''));

/** With the line ends of the file that it takes the place of. */
const asWritten = (text, before) => (before.includes('\r\n') ? text.replace(/\r?\n/g, '\r\n') : text);

/** What is installed: `latest`, `catalog:` and `>=11` say no version. Undefined where packages are kept elsewhere. */
function installedNest(tree) {
  const text = tree.read('/node_modules/@nestjs/core/package.json')?.toString();
  return text && parsed(text).version;
}

function addPackages(tree, logger) {
  const text = tree.read('/package.json')?.toString();
  if (text === undefined)
    throw new Error('There is no package.json here. Run this in the folder of a Nest application.');
  const manifest = parsed(text);
  const nest = manifest.dependencies?.['@nestjs/core'] ?? manifest.dependencies?.['@nestjs/common'] ?? '';
  const major = /\d+/.exec(installedNest(tree) ?? nest)?.[0];
  const wanted = PACKAGES[major];
  if (!wanted) {
    throw new Error(`Keyturn needs Nest 11 or 12, and package.json asks for @nestjs/core ${nest || '(nothing)'}.`);
  }
  const missing = Object.entries(wanted).filter(([name]) => !manifest.dependencies?.[name]);
  if (missing.length === 0) return false;
  const dependencies = Object.entries({ ...manifest.dependencies, ...Object.fromEntries(missing) });
  manifest.dependencies = Object.fromEntries(dependencies.sort(([a], [b]) => (a < b ? -1 : 1)));
  const [, indent = '  '] = /^\s*\{\r?\n([ \t]+)"/.exec(text) ?? [];
  const after = asWritten(`${JSON.stringify(manifest, null, indent)}\n`, text);
  logger.info(
    `/package.json, for Nest ${major}:\n${missing.map(([name, range]) => `  + ${name}@${range}`).join('\n')}`,
  );
  tree.overwrite('/package.json', after);
  return true;
}

function addModule(tree, path, found, logger) {
  const text = tree.read(path)?.toString();
  if (text !== undefined && /from\s+['"]keyturn['"]/.test(text)) {
    return logger.info(`${path} has Keyturn's AuthModule already.`);
  }
  const name = found.ownModule || /\bAuthModule\b/.test(text ?? '') ? 'KeyturnModule' : 'AuthModule';
  const wired = text === undefined ? undefined : withModule(text, name, found);
  if (wired === undefined) {
    return logger.warn(
      `${path} has no @Module({ … }) with a list of imports that could be changed. Write this into your root module:\n\n${importOf(name)}\n${moduleOf(name, found).join('\n')}\n`,
    );
  }
  const after = asWritten(wired, text);
  show(path, text, after, logger);
  tree.overwrite(path, after);
}

const TOKEN =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+)|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|[\w$.]+|[\s\S]/gy;

/** Comments and texts. */
const TOLD = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** The members of an object literal, from behind its brace: what each begins with, and where. */
function membersOf(text, start) {
  const members = [];
  let [depth, begins] = [0, true];
  TOKEN.lastIndex = start;
  for (let token; depth >= 0 && (token = TOKEN.exec(text));) {
    const [word, blank] = token;
    if (blank !== undefined) continue;
    if ('([{'.includes(word)) depth++;
    if (')]}'.includes(word)) depth--;
    if (depth === 0 && begins) members.push({ word, at: token.index });
    begins = depth === 0 && word === ',';
  }
  return members;
}

/** Where the root module begins: the last one of the file, since it names the others; none that is only told of. */
function decoratorOf(text) {
  const told = [...text.matchAll(TOLD)].map(({ index, 0: { length } }) => [index, index + length]);
  const isTold = ({ index }) => told.some(([from, to]) => from <= index && index < to);
  return [...text.matchAll(/@Module\(\s*\{/g)].findLast((found) => !isTold(found));
}

/** The source of a module with AuthModule among its imports; undefined where there is no place for it. */
function withModule(text, name, found) {
  const decorator = decoratorOf(text);
  if (!decorator) return undefined;
  const start = decorator.index + decorator[0].length;
  const members = membersOf(text, start);
  const own = members.find(({ word }) => /^['"]?imports['"]?$/.test(word));
  const imports = own && /^['"]?imports['"]?\s*:\s*\[/.exec(text.slice(own.at));
  // A list that stands elsewhere, or that a spread may bring.
  if (own ? !imports : members.some(({ word }) => word.startsWith('...'))) return undefined;
  const indented = (by) =>
    moduleOf(name, found)
      .map((line) => `${by}${line}`)
      .join('\n');
  const at = imports && own.at + imports[0].length;
  const rest = imports && text.slice(at);
  const body = imports
    ? `${text.slice(0, at)}\n${indented('    ')}${/^\s*\]/.test(rest) ? `\n  ${rest.trimStart()}` : `${/^\s*\n/.test(rest) ? '' : '\n    '}${rest}`}`
    : `${text.slice(0, start)}\n  imports: [\n${indented('    ')}\n  ],${text.slice(start)}`;
  // Behind the last import before the module, which other code may stand before.
  const head = text.slice(0, decorator.index);
  const last = [...head.matchAll(/^\uFEFF?import\s[\s\S]*?from\s+['"][^'"]+['"];?[^\n]*\n/gm)].at(-1);
  const end = last ? last.index + last[0].length : 0;
  return body.slice(0, end) + importOf(name) + body.slice(end);
}
