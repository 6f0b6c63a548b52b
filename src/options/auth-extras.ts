import type { DynamicModule } from '@nestjs/common';
import { AuthConfigError } from '../auth.errors.js';
import { choice, flag, special } from './option-kinds.js';
import type { OptionsOf } from './option.js';

/** Names that mean nothing else to a router: no parameter, no pattern. */
const PATH = /^[\w.~-]+(\/[\w.~-]+)*$/;

function pathFromText(path: string, option: string): { path: string } {
  if (PATH.test(path)) return { path };
  throw AuthConfigError.of(option, `is '${path}'; write it without slashes around it, such as auth or api/auth`);
}

/** @throws AuthConfigError with what to write in place of a path that would mount the routes elsewhere */
function pathOption(given: { path: string } | false | undefined, option: string): { path: string } | false {
  if (given === undefined || given === false) return false;
  const path: unknown = typeof given === 'string' ? given : given?.path;
  const plain = typeof path === 'string' ? path.replace(/^\/+|\/+$/g, '') : '';
  if (typeof given === 'object' && plain !== '' && plain === path) {
    const unknown = Object.keys(given).filter((name) => name !== 'path');
    if (unknown.length > 0)
      throw AuthConfigError.of(option, `has an unknown member: ${unknown.join(', ')}; known is path`);
    if (PATH.test(plain)) return given;
    throw AuthConfigError.of(option, `has the path '${plain}'; write plain names, such as auth or api/auth`);
  }
  const usual = option === 'routes' ? 'auth' : option;
  throw AuthConfigError.of(option, `must be { path } or false; write ${option}: { path: '${plain || usual}' }`);
}

/** The module that an option asks for, and not its class, or something else that would be found out only much later. */
export const moduleOption =
  (examples: string) =>
  (given: DynamicModule | undefined, option: string): DynamicModule | undefined => {
    if (given === undefined || typeof (given as { module?: unknown } | null)?.module === 'function') return given;
    const { name } = (given ?? {}) as unknown as { name?: string };
    const instead = typeof given === 'function' ? `is the class ${name}; write ${name}.forRoot(…)` : `must be a module`;
    throw AuthConfigError.of(option, `${instead}, such as ${examples}`);
  };

/**
 * The options of `AuthModule` that change its providers or routes. They stand beside the factory of `forRootAsync`.
 * Each table of options is the one place where an option is declared: types, checks, the reading of the environment,
 * `.env.example`, docs/options.md and `keyturn --help` come from it.
 */
export const AUTH_EXTRAS = {
  /** Which tokens there are, and what slides. Default `refresh-sliding`. */
  strategy: choice(['access', 'access-sliding', 'refresh', 'refresh-sliding'], {
    env: 'AUTH_STRATEGY',
    fallback: 'refresh-sliding',
    about: 'Which tokens there are, and what slides',
  }),
  /**
   * The module that keeps the sessions: `RedisTokenRepositoryModule` or `InMemoryTokenRepositoryModule`. In `access*` it
   * can be left out: no session is kept there, and a store gives only the feed through which instances learn of
   * revocations.
   */
  store: special<DynamicModule, DynamicModule | undefined>({
    kind: 'module',
    without: 'none, for `access` and `access-sliding`',
    about:
      'The module that keeps the sessions: `RedisTokenRepositoryModule.forRoot({ url })` or ' +
      '`InMemoryTokenRepositoryModule.forRoot()`',
    check: moduleOption(
      "RedisTokenRepositoryModule.forRoot({ url: 'redis://localhost:6379' }) or InMemoryTokenRepositoryModule.forRoot()",
    ),
  }),
  /** `{ path }`: the session routes (refresh, renew, logout, sessions, JWKS) below that path; or none. Default `false`. */
  routes: special<{ path: string } | false>({
    env: 'ROUTES_PATH',
    kind: 'path',
    range: 'without slashes around it',
    without: '`auth` in the service, none in the library',
    about: 'The path below which the session routes are: refresh, renew, logout, sessions',
    fromText: pathFromText,
    check: pathOption,
  }),
  /** `{ path }`: the OAuth routes (token, revoke, introspect, metadata), see docs/oauth.md; or none. Default `false`. */
  oauth: special<{ path: string } | false>({
    env: 'OAUTH_PATH',
    kind: 'path',
    range: 'without slashes around it',
    without: '`oauth` in the service, none in the library',
    about: 'The path below which the OAuth routes are: token, revoke, introspect',
    fromText: pathFromText,
    check: pathOption,
  }),
  /**
   * Who writes the error answers of the routes of `routes`: Keyturn, whatever filters the host has, or the filters of the
   * host. The headers are Keyturn's in both. Default `keyturn`.
   */
  errors: choice(['keyturn', 'host'], {
    about: 'Who writes the error answers of the session routes: Keyturn, or the exception filters of the host',
  }),
  /** `global` guards every route that is not `@Public()`. Default `manual`. */
  guard: choice(['manual', 'global'], { about: '`global` guards every route that is not `@Public()`' }),
  /** Whether other modules can inject the services without importing this one. Default `false`. */
  isGlobal: flag({
    fallback: false,
    about: 'Whether other modules can inject the services without importing the module',
  }),
};

/** What changes the provider graph, and so must be known before any factory has run. */
export interface AuthModuleExtras extends OptionsOf<typeof AUTH_EXTRAS> {}
