import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf, packageOf, reachableFrom, root, sourceFiles } from './support/source-imports.js';

type Ranges = Readonly<Record<string, string>>;

interface Manifest {
  readonly dependencies: Ranges;
  readonly devDependencies: Ranges;
  readonly peerDependencies: Ranges;
  readonly peerDependenciesMeta: Readonly<Record<string, { optional: boolean }>>;
}

const readManifest = (path: string): Manifest => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;

const { dependencies, peerDependencies: peers, peerDependenciesMeta } = readManifest('scripts/package.manifest.json');
const optional = Object.keys(peerDependenciesMeta);
const workspace = readManifest('package.json');
const inWorkspace: Ranges = { ...workspace.devDependencies, ...workspace.dependencies };

const CLIENT = ['index', 'axios', 'ky', 'angular', 'react', 'next', 'expo'].map((name) => `client/${name}.ts`);
const library = reachableFrom('index.ts', 'openapi/index.ts', 'testing/index.ts', 'auth.tick-shape.ts', ...CLIENT);
const imports = library.flatMap(importsOf);
/** What an application that imports `keyturn` loads. */
const atStart = reachableFrom('index.ts').flatMap(importsOf);
const packages = (...kinds: string[]): string[] => packagesOf(imports, kinds);
const packagesOf = (of: typeof imports, kinds: readonly string[]): string[] => [
  ...new Set(of.filter(({ kind }) => kinds.includes(kind)).flatMap(({ specifier }) => packageOf(specifier) ?? [])),
];

/** What we never import, but must be there for a package that we do. */
const NEEDED_BY: Ranges = {
  passport: '@nestjs/passport',
  'reflect-metadata': '@nestjs/common',
  rxjs: '@nestjs/common',
};

describe('package: what a host installs', () => {
  it('holds nothing of the service, so that a host pays for no database and no password hashing', () => {
    expect(library.filter((file) => /^(service\/|main\.ts)/.test(file))).toEqual([]);
  });

  it('changes nothing in the process of a host that imports it, because that is for the host to decide', () => {
    // Hosts that want it import `keyturn/tick-shape`.
    expect(reachableFrom('index.ts')).not.toContain('auth.tick-shape.ts');
  });

  it('lists every package that the library imports', () => {
    const missing = packages('static', 'lazy', 'type').filter((name) => !(name in dependencies) && !(name in peers));

    // Add it to scripts/package.manifest.json, or do without it.
    expect(missing).toEqual([]);
  });

  it('lists none that the library neither imports nor needs for one it imports', () => {
    const imported = packages('static', 'lazy', 'type');
    const superfluous = Object.keys({ ...dependencies, ...peers }).filter(
      (name) => !imported.includes(name) && !imported.includes(NEEDED_BY[name] ?? ''),
    );

    expect(superfluous).toEqual([]);
  });

  it.each(Object.entries(NEEDED_BY))('%s is there because it is a peer of %s', (name, by) => {
    const { peerDependencies } = readManifest(`node_modules/${by}/package.json`);

    expect(Object.keys(peerDependencies)).toContain(name);
  });

  it('marks as optional exactly the peers that `keyturn` itself loads lazily or not at all', () => {
    const eager = packagesOf(atStart, ['static', 'type']);
    const lazy = packages('lazy', 'static', 'type').filter((name) => name in peers && !eager.includes(name));

    // And what only an adapter of the client is for.
    expect(optional.toSorted()).toEqual([...new Set([...lazy, 'react'])].toSorted());
    expect(Object.keys(peers)).toEqual(expect.arrayContaining(optional));
  });

  it('promises no version below those of the host that `npm run test:hosts` plays with the lowest', () => {
    const { dependencies: lowest } = readManifest('test/hosts/lowest11/package.json');
    const played = Object.entries(peers).filter(([name]) => name in lowest);

    expect(played.map(([name, range]) => [name, /\d[\d.]*/.exec(range)?.[0]])).toEqual(
      played.map(([name]) => [name, lowest[name]]),
    );
    expect(Object.keys(peers).filter((name) => !(name in lowest) && !optional.includes(name))).toEqual([]);
  });

  it('has passport and passport-jwt for dependencies and all else as peers, so that a host has one copy of each', () => {
    expect(Object.keys(dependencies)).toEqual(['passport', 'passport-jwt']);
  });

  it.each(Object.entries({ ...dependencies, ...peers }))('%s %s takes in what we develop with', (name, range) => {
    const ours = inWorkspace[name];

    // Below 1.0 a minor is what elsewhere is a major.
    const line = (version: string): string => /^\^(0\.\d+|\d+)/.exec(version)?.[1] ?? version;
    expect(ours && range.split(' || ').map(line)).toContain(ours && line(ours));
  });
});

describe('service: what its image holds', () => {
  it('loads nothing that is installed for development only, because the image is pruned', () => {
    // The service does not load the client: pages do.
    const loaded = sourceFiles()
      .filter((file) => !file.startsWith('client/'))
      .flatMap(importsOf)
      .filter(({ kind }) => kind === 'static')
      .flatMap(({ specifier }) => packageOf(specifier) ?? []);

    expect(loaded.filter((name) => !(name in workspace.dependencies))).toEqual([]);
  });
});

describe('lock file: `npm ci` on any machine', () => {
  interface Locked {
    readonly resolved?: string;
    readonly dependencies?: Ranges;
    readonly devDependencies?: Ranges;
    readonly optionalDependencies?: Ranges;
  }
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const locked = Object.entries(lock.packages);

  it('asks for what package.json asks for', () => {
    const { dependencies: ranges, devDependencies: devRanges } = lock.packages['']!;

    expect({ ...devRanges, ...ranges }).toEqual(inWorkspace);
  });

  it('names no other place than the public registry', () => {
    const elsewhere = locked.filter(([, { resolved = '' }]) => !/^(https:\/\/registry\.npmjs\.org\/|$)/.test(resolved));

    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });

  it('names the binaries of every platform, because `npm ci` refuses it otherwise', () => {
    const paths = locked.map(([path]) => path);
    const missing = locked
      .flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies))
      .filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)));

    // Run `node scripts/complete-lock.mjs`.
    expect(missing).toEqual([]);
  });
});
