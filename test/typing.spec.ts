import { join } from 'node:path';
import ts from 'typescript';
import { root } from './support/source-imports.js';

/** What a host writes, what the compiler must have against it (`none`: nothing), and the story. */
type Row = readonly [story: string, code: string, fault: 'none' | RegExp];

const DECLARED = `declare module 'keyturn' { interface RegisteredClaims { roles: string[]; tenant: string } }`;
const AUTH = `import { AuthModule, generateKeys, InMemoryTokenRepositoryModule, RedisTokenRepositoryModule, type AuthOptionsFactory } from 'keyturn';
const base = { issuer: 'https://a.example', keys: generateKeys() };
const store = InMemoryTokenRepositoryModule.forRoot();`;
const USER = `import { Controller, Get, ParseIntPipe } from '@nestjs/common';
import { CurrentUser, type AuthUser } from 'keyturn';`;

const ROWS: readonly Row[] = [
  [
    'a claim through a pipe',
    `${USER}
    @Controller() export class C { @Get() a(@CurrentUser('sub', ParseIntPipe) id: number, @CurrentUser('sub', new ParseIntPipe()) b: number, @CurrentUser(ParseIntPipe) c: number) { return [id, b, c]; } }`,
    'none',
  ],
  [
    'declared claims',
    `${USER} export const of = (user: AuthUser) => [user.tenant.length, user.roles.join(), user.sub];`,
    'none',
  ],
  [
    'keys as a set, as its JSON text, and as JSON.parse() gives them',
    `${AUTH} export const all = [generateKeys(), JSON.stringify(generateKeys()), JSON.parse('{}')].map((keys) => AuthModule.forRoot({ ...base, keys, store }));`,
    'none',
  ],
  [
    'keys of an environment that may lack them, which the start says in a sentence that tells how to make some',
    `${AUTH} export const auth = AuthModule.forRoot({ ...base, keys: process.env.AUTH_KEYS, store });`,
    'none',
  ],
  [
    'one key in the place of a set',
    `${AUTH} export const auth = AuthModule.forRoot({ ...base, keys: base.keys.keys[0]!, store });`,
    /'keys' is missing/,
  ],
  ['a misspelt claim', `${USER} export const of = (user: AuthUser) => user.tenat;`, /'tenat' does not exist/],
  [
    'a misspelt claim of a decorator is taken, since a host may not have declared it',
    `${USER}
    @Controller() export class C { @Get() a(@CurrentUser('old_claim') old: string) { return old; } }`,
    'none',
  ],
  [
    'claims at open()',
    `import type { SessionService } from 'keyturn';
    export const open = (s: SessionService) => s.open({ sub: '1', claims: { roles: ['a'], tenant: 't', scope: 'x' }, sessionClaims: { tenant: undefined } });`,
    'none',
  ],
  [
    'a misspelt claim at open()',
    `import type { SessionService } from 'keyturn';
    export const open = (s: SessionService) => s.open({ sub: '1', claims: { tenat: 't' } });`,
    /'tenat' does not exist/,
  ],
  [
    'a claim of another type at open()',
    `import type { SessionService } from 'keyturn';
    export const open = (s: SessionService) => s.open({ sub: '1', claims: { roles: 'admin' } });`,
    /'string' is not assignable/,
  ],
  [
    'a misspelt claim in setClaims()',
    `import type { SessionService } from 'keyturn';
    export const set = (s: SessionService) => s.setClaims('1', 'sid', { tenat: 't' });`,
    /'tenat' does not exist/,
  ],
  [
    'a sub that is a number',
    `import type { SessionService } from 'keyturn';
    export const open = (s: SessionService) => s.open({ sub: 42 });`,
    /'number' is not assignable to type 'string'/,
  ],
  [
    'options that may be undefined',
    `${AUTH}
    const env: { ttl?: '15m' } = {};
    export const auth = AuthModule.forRoot({ ...base, store, accessTtl: env.ttl, audience: undefined, sliding: { renewAfter: undefined, on: undefined }, clients: { web: { transport: undefined } }, routes: undefined, strategy: undefined });
    export const redis = RedisTokenRepositoryModule.forRoot({ url: 'redis://a', ca: undefined });`,
    'none',
  ],
  [
    'the request of Express',
    `import type { Request } from 'express';
    import { deviceOf, requestInfoOf, type SessionService } from 'keyturn';
    export const open = (s: SessionService, request: Request) => s.open({ sub: '1', device: deviceOf(request, undefined), generation: undefined, ...requestInfoOf(request) });`,
    'none',
  ],
  [
    'the request of Fastify',
    `import type { FastifyRequest } from 'fastify';
    import { deviceOf } from 'keyturn';
    export const of = (request: FastifyRequest) => deviceOf(request);`,
    'none',
  ],
  [
    'a duration in words',
    `${AUTH} export const auth = AuthModule.forRoot({ ...base, store, accessTtl: '5 minutes' });`,
    /"5 minutes"' is not assignable/,
  ],
  [
    'a duration without a unit',
    `${AUTH} export const auth = AuthModule.forRoot({ ...base, store, sliding: { slideLimit: '30' } });`,
    /"30"' is not assignable/,
  ],
  [
    'a duration of a decorator in words',
    `import { RequireRecentAuth } from 'keyturn'; export const d = RequireRecentAuth('5 minutes');`,
    /not assignable/,
  ],
  [
    'durations',
    `import { RequireRecentAuth, type Duration } from 'keyturn'; ${AUTH}
    export const life: Duration = '500ms';
    export const all = [RequireRecentAuth('5m'), AuthModule.forRoot({ ...base, store, accessTtl: '15m', idleTtl: '14d', clients: { app: { accessTtl: '1h' } } })];`,
    'none',
  ],
  [
    'a factory',
    `${AUTH} export const auth = AuthModule.forRootAsync({ store, inject: [String], useFactory: (issuer: string) => ({ issuer, keys: base.keys, accessTtl: '15m', sliding: { renewAfter: 0.3 }, loadSubject: (sub) => ({ claims: { roles: [sub] }, generation: 0 }) }) });
    export const later = AuthModule.forRootAsync({ store, useFactory: async () => ({ ...base, grace: '0s' }) });`,
    'none',
  ],
  [
    'a misspelt option of a factory',
    `${AUTH} export const auth = AuthModule.forRootAsync({ store, useFactory: () => ({ ...base, acessTtl: '15m' }) });`,
    /never/,
  ],
  [
    'a misspelt option of an async factory',
    `${AUTH} export const auth = AuthModule.forRootAsync({ store, useFactory: async () => ({ ...base, acessTtl: '15m' }) });`,
    /never/,
  ],
  [
    'a misspelt option in a group of a factory',
    `${AUTH} export const auth = AuthModule.forRootAsync({ store, useFactory: () => ({ ...base, sliding: { renewafter: 0.3 } }) });`,
    /never|no properties in common/,
  ],
  [
    'a misspelt option',
    `${AUTH} export const auth = AuthModule.forRoot({ ...base, store, acessTtl: '15m' });`,
    /'acessTtl' does not exist/,
  ],
  ['no store', `${AUTH} export const auth = AuthModule.forRoot({ ...base });`, /'store' is missing|not assignable/],
  [
    'no store beside a factory',
    `${AUTH} export const auth = AuthModule.forRootAsync({ strategy: 'refresh', useFactory: () => base });`,
    /not assignable/,
  ],
  [
    'no store where none is kept',
    `${AUTH} export const auth = AuthModule.forRoot({ ...base, strategy: 'access-sliding' });`,
    'none',
  ],
  [
    'the class of a store',
    `${AUTH} export const auth = AuthModule.forRoot({ ...base, store: InMemoryTokenRepositoryModule });`,
    /not assignable|missing/,
  ],
  [
    'routes as a text',
    `${AUTH} export const auth = AuthModule.forRoot({ ...base, store, routes: 'auth' });`,
    /not assignable/,
  ],
  [
    'a class that makes the options',
    `${AUTH} class Settings implements AuthOptionsFactory { createAuthOptions() { return { ...base, accessTtl: '15m' as const }; } }
    export const auth = AuthModule.forRootAsync({ store, useClass: Settings });`,
    'none',
  ],
  [
    'a class with another method',
    `${AUTH} class Settings { create() { return base; } }
    export const auth = AuthModule.forRootAsync({ store, useClass: Settings });`,
    /createAuthOptions/,
  ],
  [
    'what a host subclasses',
    `import type { ExecutionContext } from '@nestjs/common';
    import { AccessTokenVerifier, JwtAuthGuard, messageSource, TokenCookies, ErrorTranslator, type IncomingRequest, type MessageSource, type RouteRule } from 'keyturn';
    export class G extends JwtAuthGuard {
      override getRequest(context: ExecutionContext): IncomingRequest { const { request }: MessageSource = messageSource(context); return request ?? { headers: {} }; }
      protected override ruleOf(context: ExecutionContext): RouteRule { return { ...super.ruleOf(context), live: true }; }
    }
    export const tokens = [AccessTokenVerifier, TokenCookies, ErrorTranslator];`,
    'none',
  ],
];

const named = (index: number): string => join(root, `test/typed-${index}.ts`);

/** Compiles each row as a module of a host whose compiler is as strict as it can be. */
function faultsOf(rows: readonly Row[]): string[] {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  );
  const files = new Map(rows.map(([, code], index) => [named(index), `${code}\nexport {};`]));
  files.set(join(root, 'test/typed-claims.ts'), `import 'keyturn';\n${DECLARED}`);
  const strict = { ...options, exactOptionalPropertyTypes: true, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(strict);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, version) => {
    const code = files.get(path);
    return code === undefined ? getSourceFile(path, version) : ts.createSourceFile(path, code, version);
  };
  const program = ts.createProgram([...files.keys()], strict, host);
  return rows.map((_, index) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(named(index)))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
      .join('\n'),
  );
}

describe("what a host writes, under exactOptionalPropertyTypes and TypeScript's other strict rules", () => {
  let faults: string[];
  beforeAll(() => void (faults = faultsOf(ROWS)), 180_000);

  it.each(ROWS.map(([story, , fault], index) => ({ story, fault, index })))('$story', ({ fault, index }) => {
    if (fault === 'none') expect(faults[index]).toBe('');
    else expect(faults[index]).toMatch(fault);
  });
});
