import { AuthConfigError } from '../auth.errors.js';
import { checkGroup, refuseUnknown } from '../options/option-checks.js';
import { resolveOptions, type AuthModuleOptions, type AuthPolicy, type SlidingOn } from '../options/options.js';
import { issuerUrl } from './issuer-request.js';
import { parsePublicJwks, type PublicKeys } from './public-keys.js';

/** The options of `ResourceServerModule`. Durations are strings such as `'5s'`. */
export interface ResourceServerOptions extends Pick<
  AuthModuleOptions,
  'issuer' | 'audience' | 'clockTolerance' | 'tokenCache'
> {
  /** Where the auth service publishes its keys: `https:`, or `http:` on this machine. Or give `keys`. */
  jwksUri?: string;
  /** The public JWKS itself (object or JSON text), for keys that never change without a deployment. */
  keys?: unknown;
  /** The auth service's `POST /auth/renew`, asked for renewed tokens on sliding routes. Default: nothing slides here. */
  renewUrl?: string;
  revocation?: {
    /** How old the knowledge of revocations may be: 1 s to 5 m. Default `10s`. */
    maxStaleness?: string;
    /** What a guarded route does beyond that: go on, or answer 503. There is no store to `check`. Default `accept`. */
    whenStale?: 'accept' | 'reject';
  };
  /** How far sliding reaches is in the token: the auth service decides it. */
  sliding?: Pick<NonNullable<AuthModuleOptions['sliding']>, 'on' | 'renewAfter'>;
}

/** {@link ResourceServerOptions} after all checks. */
export interface ResourceServerSettings {
  readonly policy: AuthPolicy;
  readonly keys: { readonly url: URL } | { readonly fixed: PublicKeys };
  readonly renewUrl: URL | undefined;
}

const OPTIONS = [
  'issuer',
  'audience',
  'jwksUri',
  'keys',
  'renewUrl',
  'clockTolerance',
  'revocation',
  'tokenCache',
  'sliding',
] as const satisfies readonly (keyof ResourceServerOptions)[];

/**
 * Checks the options and fills in the defaults.
 * @throws AuthConfigError with a sentence that names the option and what it may be
 */
export function resolveResourceServerOptions(
  options: ResourceServerOptions,
  hasFeed: boolean,
  slidingOn: SlidingOn = options.sliding?.on ?? 'marked',
): ResourceServerSettings {
  refuseUnknown(options, OPTIONS, 'option of ResourceServerModule');
  const { issuer, audience, clockTolerance, tokenCache, revocation, sliding, renewUrl } = options;
  checkGroup('sliding', sliding, ['on', 'renewAfter']);
  const policy = resolveOptions(
    { issuer, audience, clockTolerance, tokenCache, revocation, sliding, keys: undefined },
    'refresh-sliding',
  );
  // Too late for the interceptor: a setting that has no effect must not pass for one that has.
  if (sliding?.on !== undefined && sliding.on !== slidingOn) {
    throw new AuthConfigError(`sliding.on is '${sliding.on}' in the factory; it must stand beside it`);
  }
  if (policy.whenStale === 'check') {
    throw new AuthConfigError(
      "revocation.whenStale cannot be 'check' in a resource server, which has no session store; use 'accept' or 'reject'",
    );
  }
  if (policy.whenStale === 'reject' && !hasFeed) {
    throw new AuthConfigError(
      "revocation.whenStale 'reject' needs feed: without one nothing is heard, and nothing gets old",
    );
  }
  return {
    policy: { ...policy, slidingOn },
    keys: keysOption(options),
    renewUrl: renewUrl === undefined ? undefined : issuerUrl('renewUrl', renewUrl),
  };
}

function keysOption({ jwksUri, keys }: ResourceServerOptions): ResourceServerSettings['keys'] {
  if ((jwksUri === undefined) === (keys === undefined)) {
    throw new AuthConfigError(
      'give jwksUri, where the auth service publishes its keys, or keys, a public JWKS; not both',
    );
  }
  return jwksUri === undefined ? { fixed: fixedKeys(keys) } : { url: issuerUrl('jwksUri', jwksUri) };
}

function fixedKeys(given: unknown): PublicKeys {
  try {
    const { keys, refused } = parsePublicJwks(typeof given === 'string' ? JSON.parse(given) : given);
    if (refused.length > 0) throw new TypeError(`has a key that is no use: ${refused.join('; ')}`);
    return keys;
  } catch (error) {
    // What JSON.parse complains of may quote the text.
    const why = error instanceof TypeError ? error.message : 'is not JSON';
    throw new AuthConfigError(`keys ${why}; it must be the public JWKS of the auth service`);
  }
}
