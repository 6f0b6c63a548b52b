import type { Provider } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AuthClock } from '../auth.clock.js';
import { loadTracing } from '../auth.tracing.js';
import type { AuthPolicy, SlidingOn } from '../options/options.js';
import { AUTH_POLICY, KEYTURN_JWT, TRACING } from '../auth.constants.js';
import { ROUTE_MEANS, type RouteMeans } from '../routing/route-check.js';
import { RESOURCE_SERVER_OPTIONS } from './resource-server.module-definition.js';
import {
  resolveResourceServerOptions,
  type ResourceServerOptions,
  type ResourceServerSettings,
} from './resource-server.options.js';
import { RevocationSource } from '../revocation/revocation-feed.js';
import { Revocations } from '../revocation/revocations.js';
import { NoRevocations } from './no-revocations.js';
import { RemoteRenewals } from './remote-renewals.js';
import { Renewals } from '../sessions/renewals.js';
import { AccessTokenVerifier } from '../tokens/access-token.verifier.js';
import { JwksClient } from './jwks-client.js';
import { VerifiedTokenCache } from '../tokens/verified-token-cache.js';
import { routeProviders } from '../wiring/route-providers.js';

/** DI token of the checked options, {@link ResourceServerSettings}. */
const RESOURCE_SERVER_SETTINGS = Symbol.for('keyturn:resource-server-settings');
/** DI token of what fetches the keys; null where they are given. */
export const JWKS_CLIENT = Symbol.for('keyturn:jwks-client');

/** What verifies, subscribes and renews in place of keys that sign, a store, and a service that issues. */
export const resourceServerProviders = (
  hasFeed: boolean,
  slidingOn: SlidingOn,
  guard: 'manual' | 'global',
): Provider[] => [
  { provide: TRACING, useFactory: loadTracing },
  { provide: AuthClock, useFactory: () => new AuthClock() },
  { provide: KEYTURN_JWT, useFactory: () => new JwtService() },
  {
    provide: RESOURCE_SERVER_SETTINGS,
    inject: [RESOURCE_SERVER_OPTIONS],
    useFactory: (options: ResourceServerOptions) => resolveResourceServerOptions(options, hasFeed, slidingOn),
  },
  {
    provide: AUTH_POLICY,
    inject: [RESOURCE_SERVER_SETTINGS],
    useFactory: ({ policy }: ResourceServerSettings) => policy,
  },
  {
    provide: VerifiedTokenCache,
    inject: [AUTH_POLICY],
    useFactory: (policy: AuthPolicy) => new VerifiedTokenCache(policy.tokenCache.max),
  },
  {
    provide: JWKS_CLIENT,
    inject: [RESOURCE_SERVER_SETTINGS, VerifiedTokenCache],
    useFactory: ({ keys }: ResourceServerSettings, verified: VerifiedTokenCache) =>
      'url' in keys ? new JwksClient(keys.url, () => verified.clear()) : null,
  },
  {
    provide: AccessTokenVerifier,
    inject: [RESOURCE_SERVER_SETTINGS, JWKS_CLIENT, KEYTURN_JWT, AuthClock],
    useFactory: (
      { policy, keys }: ResourceServerSettings,
      client: JwksClient | null,
      jwt: JwtService,
      clock: AuthClock,
    ) => new AccessTokenVerifier(policy, 'fixed' in keys ? keys.fixed : client!, jwt, clock),
  },
  {
    provide: Renewals,
    inject: [RESOURCE_SERVER_SETTINGS, Revocations, AccessTokenVerifier, AuthClock],
    useFactory: (
      { renewUrl, policy }: ResourceServerSettings,
      revocations: Revocations,
      verifier: AccessTokenVerifier,
      clock: AuthClock,
    ) => new RemoteRenewals(renewUrl, policy.sliding, revocations, verifier, clock),
  },
  {
    provide: ROUTE_MEANS,
    inject: [RESOURCE_SERVER_SETTINGS],
    useFactory: ({ renewUrl, policy }: ResourceServerSettings): RouteMeans => ({
      module: 'ResourceServerModule',
      issuer: policy.issuer,
      guardsAll: guard === 'global',
      place: renewUrl ? 'in a resource server' : 'in a resource server without renewUrl',
      asksStore: false,
      hasFeed,
      renews: renewUrl !== undefined,
      extends: false,
    }),
  },
  ...routeProviders(guard),
  ...(hasFeed ? [] : [{ provide: RevocationSource, useFactory: () => new NoRevocations() }]),
];
