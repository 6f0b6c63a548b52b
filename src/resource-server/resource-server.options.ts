import type { DynamicModule } from '@nestjs/common';
import { AuthConfigError } from '../auth.errors.js';
import { OPTIONS } from '../options/auth-options.js';
import { AUTH_EXTRAS, moduleOption } from '../options/auth-extras.js';
import { choice, special } from '../options/option-kinds.js';
import type { OptionsOf } from '../options/option.js';
import { refuseMisplaced, refuseUnknown } from '../options/option-table.js';
import { resolveOptions, type AuthPolicy, type SlidingOn } from '../options/options.js';
import { issuerUrl } from './issuer-request.js';
import { parsePublicJwks, type PublicKeys } from '../tokens/public-keys.js';
import type { JwkSet } from '../options/jwk-set.js';

const authServiceUrl = (about: string, without: string) =>
  special<string, URL | undefined>({
    kind: 'URL',
    range: '`https:`, or `http:` on this machine',
    without,
    about,
    check: (given, option) => (given === undefined ? undefined : issuerUrl(option, given)),
  });

/** The options of `ResourceServerModule`; those that `AuthModule` has too are its very rows. */
export const RESOURCE_SERVER_TABLE = {
  issuer: OPTIONS.issuer,
  audience: OPTIONS.audience,
  /** Where the auth service publishes its keys: `https:`, or `http:` on this machine. Or give `keys`. */
  jwksUri: authServiceUrl('Where the auth service publishes its keys', 'give `keys` instead'),
  /** The public JWKS itself (object or JSON text), for keys that never change without a deployment. */
  keys: special<string | JwkSet, PublicKeys | undefined>({
    kind: 'JWKS',
    without: 'give `jwksUri` instead',
    about: 'The public keys themselves, for keys that never change without a deployment',
    check: (given, option) => (given === undefined ? undefined : fixedKeys(given, option)),
  }),
  /** The auth service's `POST /auth/renew`, asked for renewed tokens on sliding routes. Default: nothing slides here. */
  renewUrl: authServiceUrl('The `POST /auth/renew` of the auth service, asked on sliding routes', 'nothing slides'),
  clockTolerance: OPTIONS.clockTolerance,
  revocation: {
    /** How old the knowledge of revocations may be: 1 s to 5 m. Default `10s`. */
    maxStaleness: OPTIONS.revocation.maxStaleness,
    /** What a guarded route does beyond that: go on, or answer 503. There is no store to `check`. Default `accept`. */
    whenStale: choice(['accept', 'reject'], {
      about: 'What guarded routes do beyond that: go on, or answer 503; there is no store to ask',
    }),
  },
  tokenCache: OPTIONS.tokenCache,
  loadUser: OPTIONS.loadUser,
  publicMetadata: OPTIONS.publicMetadata,
  /** How far sliding reaches is in the token: the auth service decides it. */
  sliding: { on: OPTIONS.sliding.on, renewAfter: OPTIONS.sliding.renewAfter },
};

/** The options of `ResourceServerModule` that change its providers. They stand beside the factory of `forRootAsync`. */
export const RESOURCE_SERVER_EXTRAS = {
  /** Where revocations come from: `RedisRevocationFeedModule`. Without it tokens are accepted until they expire. */
  feed: special<DynamicModule, DynamicModule | undefined>({
    kind: 'module',
    without: 'tokens are accepted until they expire',
    about: 'Where revocations come from: `RedisRevocationFeedModule.forRoot({ url })`',
    check: moduleOption("RedisRevocationFeedModule.forRoot({ url: 'redis://localhost:6379' })"),
  }),
  guard: AUTH_EXTRAS.guard,
  isGlobal: AUTH_EXTRAS.isGlobal,
};

/** The options of `ResourceServerModule`. Durations are strings such as `'5s'`. */
export interface ResourceServerOptions extends OptionsOf<typeof RESOURCE_SERVER_TABLE> {}

/** What changes the provider graph, and so must be known before any factory has run. */
export interface ResourceServerExtras extends OptionsOf<typeof RESOURCE_SERVER_EXTRAS> {}

/** {@link ResourceServerOptions} after all checks. */
export interface ResourceServerSettings {
  readonly policy: AuthPolicy;
  readonly keys: { readonly url: URL } | { readonly fixed: PublicKeys };
  readonly renewUrl: URL | undefined;
}

/**
 * Checks the options and fills in the defaults.
 * @throws AuthConfigError with a sentence that names the option and what it may be
 */
export function resolveResourceServerOptions(
  options: ResourceServerOptions,
  hasFeed: boolean,
  slidingOn: SlidingOn = options.sliding?.on ?? 'marked',
): ResourceServerSettings {
  refuseMisplaced(options, RESOURCE_SERVER_EXTRAS);
  refuseUnknown(
    options,
    Object.keys({ ...RESOURCE_SERVER_EXTRAS, ...RESOURCE_SERVER_TABLE }),
    '',
    'option of ResourceServerModule',
  );
  const { jwksUri, keys, renewUrl, ...shared } = options;
  if (shared.sliding !== undefined)
    refuseUnknown(shared.sliding, Object.keys(RESOURCE_SERVER_TABLE.sliding), 'sliding');
  const policy = resolveOptions(shared, 'refresh-sliding');
  // Too late for the interceptor: a setting that has no effect must not pass for one that has.
  if (shared.sliding?.on !== undefined && shared.sliding.on !== slidingOn) {
    throw AuthConfigError.of('sliding.on', `is '${shared.sliding.on}' in the factory; it must stand beside it`);
  }
  const { whenStale } = policy.revocation;
  if (whenStale === 'check') {
    throw AuthConfigError.of(
      'revocation.whenStale',
      "cannot be 'check' in a resource server, which has no session store; use 'accept' or 'reject'",
    );
  }
  if (whenStale === 'reject' && !hasFeed) {
    throw AuthConfigError.of(
      'revocation.whenStale',
      "'reject' needs feed: without one no revocation arrives, and nothing gets old",
    );
  }
  return {
    policy: { ...policy, sliding: { ...policy.sliding, on: slidingOn } },
    keys: keysOption({ jwksUri, keys }),
    renewUrl: RESOURCE_SERVER_TABLE.renewUrl.check(renewUrl, 'renewUrl'),
  };
}

function keysOption(given: Pick<ResourceServerOptions, 'jwksUri' | 'keys'>): ResourceServerSettings['keys'] {
  const url = RESOURCE_SERVER_TABLE.jwksUri.check(given.jwksUri, 'jwksUri');
  const fixed = RESOURCE_SERVER_TABLE.keys.check(given.keys, 'keys');
  if (url && !fixed) return { url };
  if (fixed && !url) return { fixed };
  throw AuthConfigError.of(
    'jwksUri',
    () => 'give jwksUri, where the auth service publishes its keys, or keys, a public JWKS; not both',
  );
}

function fixedKeys(given: unknown, option: string): PublicKeys {
  try {
    const { keys, refused } = parsePublicJwks(typeof given === 'string' ? JSON.parse(given) : given);
    if (refused.length > 0) throw new TypeError(`has a key that is no use: ${refused.join('; ')}`);
    return keys;
  } catch (error) {
    // What JSON.parse complains of may quote the text.
    const why = error instanceof TypeError ? error.message : 'is not JSON';
    throw AuthConfigError.of(option, `${why}; it must be the public JWKS of the auth service`);
  }
}
