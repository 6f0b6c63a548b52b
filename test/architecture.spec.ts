import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { SourceImport } from './support/source-imports.js';
import { importsOf, packageOf, parseSource, readSource, root, sourceFiles } from './support/source-imports.js';

const files = sourceFiles();
const imports = files.flatMap(importsOf);
const show = ({ from, specifier }: SourceImport): string => `src/${from} imports ${specifier}`;

/** Its folder, a store's kind left out; at the top of src/ `roots` are the words all others speak, `top` puts them together. */
function layerOf(file: string): string {
  if (file.includes('/')) return file.slice(0, file.indexOf('/'));
  if (file === 'main.ts' || file === 'index.ts' || file === 'internal.ts') return file.slice(0, -'.ts'.length);
  return file.startsWith('auth.') && !file.startsWith('auth.module') && file !== 'auth.providers.ts' ? 'roots' : 'top';
}

/** Inside `service/` each folder is a layer too; the files at its top put them together. */
const partOf = (file: string): string | undefined =>
  layerOf(file) === 'service' ? (/^service\/([^/]+)\//.exec(file)?.[1] ?? 'top') : undefined;

const WORDS = ['roots', 'options', 'events'];
const SESSIONS = [...WORDS, 'tokens', 'revocation', 'limits', 'sessions'];
const ROUTING = [...SESSIONS, 'transport', 'streams', 'routing'];
const ROUTES = [...ROUTING, 'legacy', 'guards', 'interceptors', 'decorators'];

/**
 * Who may import whom. A folder may always import itself, and no two look at each other.
 * The order is that of a request's way in, read from the inside out: nothing knows what stands outside of it.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  roots: [],
  options: ['roots'],
  events: ['roots'],
  tokens: WORDS,
  revocation: [...WORDS, 'tokens'],
  limits: [...WORDS, 'tokens'],
  sessions: [...WORDS, 'tokens', 'revocation', 'limits'],
  stores: SESSIONS,
  transport: SESSIONS,
  streams: [...SESSIONS, 'transport'],
  routing: [...SESSIONS, 'transport'],
  legacy: SESSIONS,
  guards: [...ROUTING, 'legacy'],
  interceptors: ROUTING,
  decorators: [...ROUTING, 'guards', 'interceptors'],
  wiring: [...ROUTING, 'guards', 'interceptors'],
  routes: ROUTES,
  oauth: [...ROUTES, 'routes'],
  'resource-server': [...ROUTES, 'wiring', 'stores'],
  top: [...ROUTES, 'wiring', 'routes', 'oauth', 'openapi', 'stores'],
  index: [...ROUTES, 'routes', 'oauth', 'stores', 'resource-server', 'top'],
  internal: [...ROUTES, 'routes', 'oauth', 'stores', 'resource-server', 'top'],
  client: ['roots'],
  lab: [],
  openapi: [...ROUTES, 'routes', 'oauth'],
  testing: ['index', 'internal'],
  /** What runs in browsers. The service sends its style and its bundles, and never runs it. */
  pages: ['client'],
  service: ['index', 'internal', 'openapi', 'testing', 'pages'],
  main: ['index', 'internal', 'service', 'roots'],
};

/** Decisions and nothing else: whatever these need of the world comes as an argument, so that a model can run them. */
const PURE = [
  'tokens/claims-rules.ts',
  'tokens/token-form.ts',
  'limits/limit.ts',
  'sessions/rotation.ts',
  'sessions/sliding.ts',
  'sessions/recent-auth.ts',
  'options/policy-report.ts',
  'revocation/revocation-list.ts',
  'revocation/end-reasons.ts',
  'revocation/healing.ts',
  'revocation/retention.ts',
  'stores/redis/revocation-codec.ts',
  'stores/redis/session-codec.ts',
  'stores/redis/redis-warnings.ts',
];

/** What an adapter of the client may load: the library it is for. */
const ADAPTED: Record<string, readonly string[]> = {
  'client/angular.ts': ['rxjs'],
  'client/react.ts': ['react'],
};

/** Whether a node or one inside it passes the test, looking at code and not at text, so that comments may name anything. */
function some(
  node: ts.Node,
  test: (node: ts.Node) => boolean,
  skip: (node: ts.Node) => boolean = () => false,
): boolean {
  if (skip(node)) return false;
  return test(node) || (ts.forEachChild(node, (child) => some(child, test, skip) || undefined) ?? false);
}

const uses = (file: string, object: string, member: string): boolean =>
  some(
    parseSource(file),
    (node) => ts.isPropertyAccessExpression(node) && node.expression.getText() === object && node.name.text === member,
  );

describe('architecture: each folder knows only what stands further inside', () => {
  it.each(Object.keys(MAY_IMPORT))('%s imports only what it may', (layer) => {
    const strays = imports.filter(
      ({ from, to }) =>
        to && layerOf(from) === layer && layerOf(to) !== layer && !MAY_IMPORT[layer]!.includes(layerOf(to)),
    );

    // Move the shared part inwards, or pass it in as an argument or a provider.
    expect(
      strays.map((stray) => `${show(stray)}; ${layer} may import ${MAY_IMPORT[layer]!.join(', ') || 'nothing'}`),
    ).toEqual([]);
  });

  it('every folder of src/ has a line in the table, so that a new one is placed on purpose', () => {
    const unplaced = files.filter((file) => !(layerOf(file) in MAY_IMPORT));

    // Put the files into a folder of the table, or give the new folder its line in MAY_IMPORT above.
    expect(unplaced).toEqual([]);
  });

  it('docs/architecture.md has a line for each file and folder of src/, and places each of the table', () => {
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    const tree = /```\nsrc\/\n(.*?)```/s.exec(page)![1]!;
    const named = tree.split('\n').flatMap((line) => line.trim().split(/ {2,}/)[0]!.split(' '));
    const chain = page.slice(
      page.indexOf('From the inside out'),
      page.indexOf('`test/architecture.spec.ts` is this map'),
    );
    const there = readdirSync(join(root, 'src'), { withFileTypes: true })
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .filter((name) => !name.endsWith('.spec.ts'));

    expect(there.filter((name) => !named.some((line) => line.startsWith(name)))).toEqual([]);
    expect(named.filter((name) => name && !existsSync(join(root, 'src', name)))).toEqual([]);
    // The page calls them the other files of the root, and the modules.
    const layers = Object.keys(MAY_IMPORT).filter((layer) => layer !== 'roots' && layer !== 'top');
    expect(layers.filter((layer) => !chain.includes(`\`${layer}\``))).toEqual([]);
  });

  it('has no cycles between files, because Nest meets undefined in the middle of one', () => {
    const cycles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file) || path.includes(file)) return;
      for (const { from, to } of imports) if (from === file && to) visit(to, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);

    // Move what both ends need into a file of its own, further inside.
    expect(cycles).toEqual([]);
  });

  it.each([
    ['src', layerOf],
    ['src/service', partOf],
  ])(
    'no two folders of %s import each other, because then they are one and neither can be read alone',
    (_, folderOf) => {
      const pairs = new Set(
        imports
          .filter(({ from, to }) => to && folderOf(from) && folderOf(to))
          .map(({ from, to }) => `${folderOf(from)} ${folderOf(to!)}`),
      );
      const mutual = [...pairs].map((pair) => pair.split(' ')).filter(([a, b]) => a! < b! && pairs.has(`${b} ${a}`));

      // Move what both need into the inner one of the two, or into a folder inside of both.
      expect(mutual).toEqual([]);
    },
  );

  it('the internal API names nothing that the public one has, so that each is imported from one place', () => {
    const namesOf = (file: string): string[] =>
      parseSource(file)
        .statements.filter(ts.isExportDeclaration)
        .flatMap(({ exportClause }) => (exportClause && ts.isNamedExports(exportClause) ? exportClause.elements : []))
        .map(({ name }) => name.text);
    const published = namesOf('index.ts');

    expect(published).toContain('AuthModule');
    expect(namesOf('internal.ts').filter((name) => published.includes(name))).toEqual([]);
  });

  it('every import of ours leads to a file that is there', () => {
    const lost = imports.filter(({ to }) => to && !files.includes(to));

    expect(lost.map(show)).toEqual([]);
  });
});

describe('architecture: what may appear only in some places', () => {
  it('every file named as pure is there, because a renamed one would lose its check in silence', () => {
    expect(PURE.filter((file) => !files.includes(file))).toEqual([]);
  });

  it('a pure file itself imports no Nest, no package and of Node only hashing, because the model check runs it as it ships', () => {
    const strays = imports.filter(
      ({ from, specifier, to, kind }) => PURE.includes(from) && !to && kind !== 'type' && specifier !== 'node:crypto',
    );

    expect(strays.map(show)).toEqual([]);
  });

  it('a pure file takes time and randomness as arguments, because else no run of it can be repeated', () => {
    const asksTheWorld = (node: ts.Node): boolean =>
      (ts.isCallExpression(node) &&
        /^(Date\.now|performance\.now|process\.hrtime.*|Math\.random|(crypto\.)?random\w+|set(Timeout|Interval|Immediate)|fetch)$/.test(
          node.expression.getText(),
        )) ||
      (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length);

    // Add a parameter, such as `now`, and let the service that calls it fill it in.
    expect(PURE.filter((file) => some(parseSource(file), asksTheWorld))).toEqual([]);
  });

  it('the client loads nothing of ours and no package but the one that an adapter is for, because pages pay for it', () => {
    const strays = imports.filter(
      ({ from, to, specifier, kind }) =>
        layerOf(from) === 'client' &&
        kind !== 'type' &&
        (to ? layerOf(to) !== 'client' : !ADAPTED[from]?.includes(specifier)),
    );

    expect(strays.map(show)).toEqual([]);
  });

  it('ioredis stays in files named redis-*, so that another store is a matter of other files', () => {
    const strays = imports.filter(
      ({ from, specifier }) =>
        packageOf(specifier) === 'ioredis' && !/(^|\/)redis-[^/]*$/.test(from) && layerOf(from) !== 'service',
    );

    expect(strays.map(show)).toEqual([]);
  });

  it('process.env is read only by programs, the service and the lab, because a library takes options', () => {
    const readers = files.filter((file) => uses(file, 'process', 'env'));

    // Make it an option of the module, and let src/service/ read the variable.
    const programs = ['service', 'lab', 'main'];
    expect(readers.filter((file) => !programs.includes(layerOf(file)))).toEqual([]);
  });

  it('the library loads nothing that only the service needs (database, password hashing, web server)', () => {
    const ofTheService =
      /^(drizzle-orm|pg|@electric-sql\/|@node-rs\/|@fastify\/|fastify|nodemailer|prom-client|tldts|@nestjs\/(platform-|swagger|config|terminus))/;
    const strays = imports.filter(
      ({ from, specifier, kind }) =>
        !['service', 'main'].includes(layerOf(from)) &&
        kind !== 'lazy' &&
        ofTheService.test(specifier) &&
        !(layerOf(from) === 'openapi' && specifier === '@nestjs/swagger'),
    );

    expect(strays.map(show)).toEqual([]);
  });

  it('optional peers are loaded lazily and never as a type, so that a host without them compiles and starts', () => {
    const optional =
      /^(@nestjs\/(graphql|websockets|microservices|swagger|terminus|event-emitter)|graphql|@opentelemetry\/api)$/;
    const strays = imports.filter(
      ({ from, specifier, kind }) =>
        !['service', 'main'].includes(layerOf(from)) &&
        kind !== 'lazy' &&
        optional.test(packageOf(specifier) ?? '') &&
        // An entry of its own, for hosts that have the package.
        !(layerOf(from) === 'openapi' && specifier === '@nestjs/swagger'),
    );

    expect(strays.map(show)).toEqual([]);
  });

  it('the library compiles to CommonJS too: no import.meta and no await at the top of a file', () => {
    const modern = files
      .filter((file) => !['service', 'main'].includes(layerOf(file)))
      .filter(
        (file) =>
          some(parseSource(file), ts.isMetaProperty) ||
          some(parseSource(file), ts.isAwaitExpression, ts.isFunctionLike),
      );

    // Wait inside a function or a provider's factory; only src/service/ and main.ts may do otherwise.
    expect(modern).toEqual([]);
  });

  it('no file is longer than 250 lines, because few things need more to be said at once', () => {
    const long = files.map((file) => ({ file, lines: readSource(file).trimEnd().split('\n').length }));

    // Split it where the comment says "and then".
    expect(long.filter(({ lines }) => lines > 250)).toEqual([]);
  });

  it('nothing is called utils, helpers or common: a name says what a thing is for', () => {
    expect(files.filter((file) => /(^|[/.-])(utils?|helpers?)[/.]|(^|\/)(common|misc)[/.]/.test(file))).toEqual([]);
  });
});
