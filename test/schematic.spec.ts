import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './support/source-imports.js';

const NEW_MODULE = `import { Module } from '@nestjs/common';
import { AppController } from './app.controller';
import { AppService } from './app.service';

@Module({
  imports: [],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`;

type Files = Readonly<Record<string, string>>;

interface Result {
  readonly files: Files;
  readonly tasks: readonly string[];
  readonly said: string;
}

/** Each application as it is after `nest add keyturn`. One process for all of a test: it takes a second to start. */
function add(...applications: readonly Files[]): Result[] {
  const script = join(root, 'test/support/run-schematic.mjs');
  const input = JSON.stringify(applications);
  const { stdout, stderr } = spawnSync(process.execPath, [script], { input, encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as Result[];
}

const application = (nest: string, files: Files = {}, dependencies: Files = {}): Files => ({
  '/package.json': JSON.stringify({ name: 'shop', dependencies: { '@nestjs/core': nest, ...dependencies } }),
  ...files,
});

const dependenciesOf = ({ files }: Result) =>
  (JSON.parse(files['/package.json']!) as { dependencies: Files }).dependencies;

const PATH = '/src/app.module.ts';

const syntaxFaults = (text: string): string[] =>
  ts
    .transpileModule(text, { reportDiagnostics: true, compilerOptions: { experimentalDecorators: true } })
    .diagnostics!.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));

describe('nest add keyturn', () => {
  it('asks for the packages that fit the Nest of the application, and has them installed', () => {
    const nests = ['^11.0.1', '^12.0.0', '~12.5.1'];
    const results = add(...nests.map((nest) => application(nest, { [PATH]: NEW_MODULE })));

    const fitting = ['^11.0.0', '^12.0.0', '^12.0.0'].map((ofNest, index) => ({
      '@nestjs/core': nests[index],
      '@nestjs/jwt': ofNest,
      '@nestjs/passport': ofNest,
      ioredis: ofNest === '^11.0.0' ? '^5.4.1' : '^6.0.0',
      passport: '^0.7.0',
    }));
    expect(results.map(dependenciesOf)).toEqual(fitting);
    expect(results.map(({ tasks }) => tasks)).toEqual(nests.map(() => ['node-package']));
  });

  it('asks the installed Nest where package.json names no version, as `catalog:` of pnpm and `>=11` do not', () => {
    const installed = { '/node_modules/@nestjs/core/package.json': '{ "version": "12.5.1" }' };
    const results = add(
      ...['catalog:', 'latest', '>=11'].map((nest) => application(nest, { ...installed, [PATH]: NEW_MODULE })),
    );

    for (const result of results) expect(dependenciesOf(result)).toMatchObject({ '@nestjs/jwt': '^12.0.0' });
  });

  it.each([
    ['tabs', (text: string) => text.replaceAll('  ', '\t')],
    ['four blanks', (text: string) => text.replaceAll('  ', '    ')],
    ['line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
    ['what a byte order mark stands before', (text: string) => `\uFEFF${text}`],
  ])('keeps %s: a file of which every line changes hides what was added', (_what, written) => {
    const manifest = `${JSON.stringify({ name: 'shop', dependencies: { '@nestjs/core': '^12.0.0' } }, null, 2)}\n`;
    const [result] = add({ '/package.json': written(manifest), [PATH]: written(NEW_MODULE) });
    const { '/package.json': after, [PATH]: module } = result!.files;

    const kept = written(manifest).replace('\uFEFF', '').split('\n');
    expect(after!.split('\n')).toEqual(expect.arrayContaining(kept.filter((line) => !line.includes('@nestjs/core'))));
    expect(module).toContain('AuthModule.forRoot({');
    expect(syntaxFaults(module!)).toEqual([]);
    if (module!.includes('\r\n')) expect(module).not.toMatch(/[^\r]\n/);
  });

  it('leaves what the application has chosen, and then has nothing to install', () => {
    const own = { '@nestjs/jwt': '11.0.1', '@nestjs/passport': '^11', passport: '^0.7', ioredis: '^5.4.0' };
    const [result] = add(application('^11.0.1', { [PATH]: NEW_MODULE }, own));

    expect(dependenciesOf(result!)).toEqual({ '@nestjs/core': '^11.0.1', ...own });
    expect(result!.tasks).toEqual([]);
  });

  const MODULES: Files = {
    'as `nest new` makes it': NEW_MODULE,
    'with imports on one line': NEW_MODULE.replace('imports: []', 'imports: [ConfigModule.forRoot(), CatsModule]'),
    'with imports on several lines': NEW_MODULE.replace('imports: []', 'imports: [\n    CatsModule,\n  ]'),
    'without imports': NEW_MODULE.replace('  imports: [],\n', ''),
    'with imports behind its controllers': NEW_MODULE.replace(
      /@Module\(\{[\s\S]*?\}\)/,
      '@Module({ controllers: [AppController], providers: [AppService], imports: [CatsModule] })',
    ),
    'with lists of imports in comments and in other members': NEW_MODULE.replace(
      '  imports: [],\n',
      '  // imports: [OldModule],\n  exports: [build({\n    imports: [DogsModule],\n  })],\n  imports: [CatsModule],\n',
    ),
    'that a comment and a text tell of before': NEW_MODULE.replace(
      '@Module({',
      "// Not like @Module({ imports: [OldModule] }) of Nest 4.\nconst SAMPLE = '@Module({ imports: [] })';\n\n@Module({",
    ),
    'behind another module': NEW_MODULE.replace(
      '@Module({',
      '@Module({ providers: [CatsService] })\nclass CatsModule {}\n\n@Module({',
    ),
    'with an empty decorator': "import { Module } from '@nestjs/common';\n\n@Module({})\nexport class AppModule {}\n",
  };
  let wired: Result[];
  beforeAll(
    () => void (wired = add(...Object.values(MODULES).map((text) => application('^12.0.0', { [PATH]: text })))),
  );

  it.each(Object.keys(MODULES))('writes AuthModule into a root module %s', (story) => {
    const after = wired[Object.keys(MODULES).indexOf(story)]!.files[PATH]!;

    expect(syntaxFaults(after)).toEqual([]);
    expect(after).toContain(
      "import {\n  AuthModule,\n  generateKeys,\n  InMemoryTokenRepositoryModule,\n} from 'keyturn';\n",
    );
    expect(after).toMatch(/imports: \[\n    AuthModule\.forRoot\(\{/);
    expect(after.indexOf('AuthModule.forRoot(')).toBeGreaterThan(after.lastIndexOf('@Module('));
    expect(after.match(/^ *imports: \[\n    AuthModule|[{,] imports: \[\n    AuthModule/gm)).toHaveLength(1);
    for (const kept of MODULES[story]!.match(/\w+(Controller|Service|Module)\b/g)!) expect(after).toContain(kept);
  });

  it.each([
    ['a list that stands elsewhere', 'imports: shared,'],
    ['a list of the same name', 'imports,'],
    ['what is spread', '...shared,'],
  ])('leaves a root module alone whose imports are %s, and says what to write', (_where, member) => {
    const before = NEW_MODULE.replace('imports: [],', member);
    const [result] = add(application('^12.0.0', { [PATH]: before }));
    expect(result!.files[PATH]).toBe(before);
    expect(result!.said).toContain('Write this into your root module');
  });

  it('changes nothing the second time', () => {
    const first = wired.map(({ files }) => files);
    expect(add(...first).map(({ files }) => files)).toEqual(first);
  });

  it('says what to write where there is no such file', () => {
    const [result] = add(application('^12.0.0'));

    expect(Object.keys(result!.files)).toEqual(['/package.json']);
    expect(result!.said).toContain('AuthModule.forRoot({');
  });

  describe('an application with a login written by hand', () => {
    const HAND_WRITTEN: Files = {
      [PATH]: NEW_MODULE.replace('imports: []', 'imports: [AuthModule]').replace(
        /^/,
        "import { AuthModule } from './auth/auth.module';\n",
      ),
      '/src/auth/auth.module.ts': '@Module({ imports: [JwtModule.register({})] })\nexport class AuthModule {}\n',
      '/src/auth/jwt.strategy.ts':
        "import { Strategy } from 'passport-jwt';\nexport class JwtStrategy extends PassportStrategy(Strategy) {}\n",
      '/src/auth/public.decorator.ts':
        "export const IS_PUBLIC_KEY = 'isPublic';\nexport const Public = () => SetMetadata(IS_PUBLIC_KEY, true);\n",
      '/src/cats.controller.ts': "@UseGuards(AuthGuard('jwt'))\nclass A {}\n@UseGuards(AuthGuard('jwt'))\nclass B {}\n",
    };
    const express = application('^12.0.0', HAND_WRITTEN);
    const fastify = application('^12.0.0', HAND_WRITTEN, { '@nestjs/platform-fastify': '^12.0.0' });
    let results: Result[];
    beforeAll(() => void (results = add(express, fastify)));

    it('is told what was found of it, and what is changed, before anything is written', () => {
      const { said } = results[0]!;

      expect(said).toContain("AuthGuard('jwt'), 2 times, in /src/cats.controller.ts");
      expect(said).toContain('a strategy of passport-jwt in /src/auth/jwt.strategy.ts');
      expect(said).toContain("a @Public() of your own with the metadata key 'isPublic'");
      expect(said).toContain('an AuthModule of your own in /src/auth/auth.module.ts');
      expect(said).toContain('+ @nestjs/jwt@^12.0.0');
      expect(said).toMatch(/\/src\/app\.module\.ts:[^]*\+ +KeyturnModule\.forRoot\(\{/);
      expect(results.map((result) => /^ {2}(Express|Fastify)$/m.exec(result.said)?.[1])).toEqual([
        'Express',
        'Fastify',
      ]);
    });

    it('keeps its own AuthModule, gets that of Keyturn under another name, and its @Public() is obeyed', () => {
      const after = results[0]!.files[PATH]!;

      expect(syntaxFaults(after)).toEqual([]);
      expect(after).toContain("import { AuthModule } from './auth/auth.module';");
      expect(after).toContain('AuthModule as KeyturnModule');
      expect(after).toContain("publicMetadata: 'isPublic'");
      expect(
        Object.keys(HAND_WRITTEN).filter((path) => path !== PATH && results[0]!.files[path] !== HAND_WRITTEN[path]),
      ).toEqual([]);
    });

    it('is left as it is the second time', () => {
      expect(add(results[0]!.files)[0]!.files).toEqual(results[0]!.files);
    });
  });

  it('refuses an application on another Nest by its version', () => {
    const [result] = add(application('^10.0.0'));
    expect(result!.said).toContain('Keyturn needs Nest 11 or 12, and package.json asks for @nestjs/core ^10.0.0');
  });
});
