import type { DynamicModule } from '@nestjs/common';
import { AuthConfigError } from '../auth.errors.js';
import { choice, flag, special } from './option-kinds.js';
import type { OptionsOf } from './option.js';

function pathFromText(path: string, option: string): { path: string } {
  if (/^[\w-]+(\/[\w-]+)*$/.test(path)) return { path };
  throw AuthConfigError.of(option, `is '${path}'; write it without slashes around it, such as auth or api/auth`);
}

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
    check: (given) => given,
  }),
  /** `{ path }`: the session routes (refresh, renew, logout, sessions, JWKS) below that path; or none. Default `false`. */
  routes: special<{ path: string } | false>({
    env: 'ROUTES_PATH',
    kind: 'path',
    range: 'without slashes around it',
    without: '`auth` in the service, none in the library',
    about: 'The path below which the session routes are: refresh, renew, logout, sessions',
    fromText: pathFromText,
    check: (given) => given ?? false,
  }),
  /** `{ path }`: the OAuth routes (token, revoke, introspect, metadata), see docs/oauth.md; or none. Default `false`. */
  oauth: special<{ path: string } | false>({
    env: 'OAUTH_PATH',
    kind: 'path',
    range: 'without slashes around it',
    without: '`oauth` in the service, none in the library',
    about: 'The path below which the OAuth routes are: token, revoke, introspect',
    fromText: pathFromText,
    check: (given) => given ?? false,
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
