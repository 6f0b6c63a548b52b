import ts from 'typescript';
import type { SourceImport } from './support/source-imports.js';
import { importsOf, packageOf, parseSource, readSource, sourceFiles } from './support/source-imports.js';

const files = sourceFiles();
const imports = files.flatMap(importsOf);
const show = ({ from, specifier }: SourceImport): string => `src/${from} imports ${specifier}`;

/** Its folder; at the top of src/, `roots` are the words all others speak (auth.errors, auth.options, …), `top` puts them together. */
function layerOf(file: string): string {
  if (file.includes('/')) return file.slice(0, file.indexOf('/'));
  if (file === 'main.ts') return 'main';
  return file.startsWith('auth.') && !file.startsWith('auth.module') ? 'roots' : 'top';
}

const DOOR = ['roots', 'tokens', 'sessions', 'revocation', 'transport'];
const HOUSE = [...DOOR, 'repositories', 'guards', 'decorators', 'interceptors'];

/**
 * Who may import whom: layers, or single files by their path. A layer may always import itself.
 * The order is that of a request's way in, read from the inside out: nothing knows what stands outside of it.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  roots: [],
  tokens: ['roots'],
  sessions: ['roots', 'tokens', 'revocation', 'sessions/token.repository.ts'],
  repositories: ['roots', 'sessions/session.ts'],
  // A feed on Redis shares how Redis is asked, and what its faults are called, with the repository on Redis.
  revocation: ['roots', 'stores/redis/redis-deadline.ts', 'stores/redis/redis-token.repository.ts'],
  events: ['roots'],
  transport: ['roots'],
  guards: [...DOOR, 'decorators'],
  decorators: [...DOOR, 'guards', 'interceptors'],
  interceptors: [...DOOR, 'decorators', 'routing/route-rules.ts'],
  routes: HOUSE,
  top: [...HOUSE, 'routes', 'events'],
  client: [],
  testing: ['index.ts'],
  service: ['index.ts'],
  main: ['index.ts', 'service', 'auth.tick-shape.ts'],
};

/** Of what a layer may know the types, but load nothing: a message carries grants and claims without making them. */
const MAY_NAME: Record<string, readonly string[]> = { transport: ['tokens', 'sessions'] };

/** The modules that put a store together give its repository and its feed: the one place where the two meet. */
const isStoreModule = (file: string): boolean => /^repositories\/.*\.module\.ts$/.test(file);

/** Decisions and nothing else: whatever these need of the world comes as an argument, so that a model can run them. */
const PURE = [
  'tokens/claims-rules.ts',
  'sessions/rotation.ts',
  'sessions/sliding.ts',
  'sessions/recent-auth.ts',
  'options/policy-report.ts',
  'revocation/revocation-list.ts',
  'stores/redis/revocation-codec.ts',
  'stores/redis/session-codec.ts',
  'stores/redis/redis-warnings.ts',
].filter((file) => files.includes(file));

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
    const strays = imports.filter(({ from, to, kind }) => {
      if (!to || layerOf(from) !== layer || layerOf(to) === layer) return false;
      const allowed = [
        ...MAY_IMPORT[layer]!,
        ...(isStoreModule(from) ? ['revocation'] : []),
        ...((kind === 'type' && MAY_NAME[layer]) || []),
      ];
      return !allowed.includes(layerOf(to)) && !allowed.includes(to);
    });

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

  it('has no cycles, because Nest meets undefined in the middle of one', () => {
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

  it('every import of ours leads to a file that is there', () => {
    const lost = imports.filter(({ to }) => to && !files.includes(to));

    expect(lost.map(show)).toEqual([]);
  });
});

describe('architecture: what may appear only in some places', () => {
  it('a pure file imports no Nest, no package and of Node only hashing, because the model check runs it as it ships', () => {
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

  it('ioredis stays in files named redis-*, so that another store is a matter of other files', () => {
    const strays = imports.filter(
      ({ from, specifier }) =>
        packageOf(specifier) === 'ioredis' && !/(^|\/)redis-[^/]*$/.test(from) && layerOf(from) !== 'service',
    );

    expect(strays.map(show)).toEqual([]);
  });

  it('process.env is read only by the service, because a library takes options', () => {
    const readers = files.filter((file) => uses(file, 'process', 'env'));

    // Make it an option of the module, and let src/service/ read the variable.
    expect(readers.filter((file) => layerOf(file) !== 'service' && file !== 'main.ts')).toEqual([]);
  });

  it('the library loads nothing that only the service needs (database, password hashing, web server)', () => {
    const ofTheService =
      /^(drizzle-orm|pg|@electric-sql\/|@node-rs\/|@fastify\/|fastify|rate-limiter-flexible|prom-client|@nestjs\/(platform-|swagger|config|terminus))/;
    const strays = imports.filter(
      ({ from, specifier, kind }) =>
        !['service', 'main'].includes(layerOf(from)) && kind !== 'lazy' && ofTheService.test(specifier),
    );

    expect(strays.map(show)).toEqual([]);
  });

  it('optional peers are loaded lazily and never as a type, so that a host without them compiles and starts', () => {
    const optional = /^(@nestjs\/(graphql|websockets|microservices|swagger|terminus|event-emitter)|graphql)$/;
    const strays = imports.filter(
      ({ from, specifier, kind }) =>
        !['service', 'main'].includes(layerOf(from)) && kind !== 'lazy' && optional.test(packageOf(specifier) ?? ''),
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
