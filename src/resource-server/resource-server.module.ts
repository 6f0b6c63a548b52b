import {
  Inject,
  Logger,
  Module,
  Optional,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { OPTIONS } from '../options/auth-options.js';
import { checkAsync } from '../options/async-options.js';
import type { SlidingOn } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { GUARD_PARTS } from '../guards/guard-parts.js';
import { JwtAuthGuard } from '../guards/jwt-auth.guard.js';
import { SocketSessions } from '../guards/socket-sessions.js';
import { JwtStrategy } from '../guards/jwt.strategy.js';
import { SlidingSessionInterceptor } from '../interceptors/sliding-session.interceptor.js';
import {
  ResourceServerModuleClass,
  type RESOURCE_SERVER_OPTIONS_TYPE,
  type ResourceServerAsyncOptions,
} from './resource-server.module-definition.js';
import { RESOURCE_SERVER_EXTRAS, RESOURCE_SERVER_TABLE, type ResourceServerExtras } from './resource-server.options.js';
import { JWKS_CLIENT, resourceServerProviders } from './resource-server.providers.js';
import { RevocationSource } from '../revocation/revocation-feed.js';
import { Revocations } from '../revocation/revocations.js';
import { NoRevocations } from './no-revocations.js';
import { Renewals } from '../sessions/renewals.js';
import type { JwksClient } from './jwks-client.js';
import { ROUTE_PARTS, withoutOptions } from '../routing/route-parts.js';
import { BoundSockets } from '../streams/bound-sockets.js';
import { OpenStreams } from '../streams/open-streams.js';
import { AccessTokenVerifier } from '../tokens/access-token.verifier.js';
import { VerifiedTokenCache } from '../tokens/verified-token-cache.js';
import { AuthExceptionFilter, FilterOrder } from '../transport/auth-exception.filter.js';
import { ErrorTranslator } from '../transport/error-translator.js';
import { TokenResponder } from '../transport/token-responder.js';
import { requireExport } from '../wiring/required-export.js';
import { globalProviders } from '../wiring/route-providers.js';

const NO_FEED =
  'There is no feed: a logout, a changed password or a disabled user is not known here, and an access token is accepted ' +
  'until it expires. Give feed: RedisRevocationFeedModule.forRoot({ url }) to learn of them.';

const FEEDS = 'RedisRevocationFeedModule.forRoot({ url }), or a module of your own that exports RevocationSource';
const EXAMPLE = "{ issuer: 'https://auth.example', jwksUri }";

/**
 * Verifies the access tokens of an auth service in another app, by its published keys, and subscribes to its revocations. It
 * holds no key that signs and no session. Guard, decorators and interceptors are those of `AuthModule`.
 *
 * @example
 * ```ts
 * ResourceServerModule.forRoot({
 *   issuer: 'https://auth.example',
 *   audience: 'shop',
 *   jwksUri: 'https://auth.example/.well-known/jwks.json',
 *   renewUrl: 'https://auth.example/auth/renew',
 *   feed: RedisRevocationFeedModule.forRoot({ url: 'redis://localhost:6379' }),
 *   guard: 'global',
 * });
 * ```
 */
@Module({})
export class ResourceServerModule extends ResourceServerModuleClass implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Optional() @Inject(ROUTE_PARTS) parts?: object,
    @Optional() @Inject(JWKS_CLIENT) private readonly jwks: JwksClient | null = null,
    @Optional() @Inject(RevocationSource) private readonly source?: RevocationSource,
  ) {
    super();
    if (!parts) throw withoutOptions('ResourceServerModule', EXAMPLE);
  }

  /** @throws AuthConfigError (when the application starts) naming the option that is missing, unknown or out of range */
  static override forRoot(options: typeof RESOURCE_SERVER_OPTIONS_TYPE): DynamicModule {
    if (!options) throw withoutOptions('ResourceServerModule', EXAMPLE);
    return assemble(super.forRoot(options), options, options.sliding?.on);
  }

  /** Like {@link forRoot}; what changes the provider graph (feed, guard, isGlobal, and `sliding: { on }`) stands beside the factory. */
  static override forRootAsync(options: ResourceServerAsyncOptions): DynamicModule {
    checkAsync(options, RESOURCE_SERVER_EXTRAS, RESOURCE_SERVER_TABLE);
    return assemble(super.forRootAsync(options), options, options.sliding?.on);
  }

  /** The keys are there when the first request comes, if the auth service is; without it the start goes on. */
  async onModuleInit(): Promise<void> {
    if (this.source instanceof NoRevocations) new Logger('Keyturn').warn(NO_FEED);
    await this.jwks?.start();
  }

  /** Ends the reading of keys. Nest calls it. */
  onApplicationShutdown(): void {
    this.jwks?.close();
  }
}

// Exported as well: a guard or interceptor named in a host's @UseGuards is made anew in the host's module.
const SERVICES = [
  AuthExceptionFilter,
  BoundSockets,
  ErrorTranslator,
  JwtAuthGuard,
  JwtStrategy,
  OpenStreams,
  Revocations,
  SlidingSessionInterceptor,
  SocketSessions,
  TokenResponder,
] as const;

function assemble(definition: DynamicModule, extras: ResourceServerExtras, on?: SlidingOn): DynamicModule {
  const feed = RESOURCE_SERVER_EXTRAS.feed.check(extras.feed, 'feed');
  if (feed) requireExport(feed, RevocationSource, 'feed', FEEDS);
  const guard = RESOURCE_SERVER_EXTRAS.guard.check(extras.guard, 'guard');
  const isGlobal = RESOURCE_SERVER_EXTRAS.isGlobal.check(extras.isGlobal, 'isGlobal');
  const slidingOn = OPTIONS.sliding.on.check(on, 'sliding.on');
  return {
    ...definition,
    global: isGlobal,
    imports: [...(definition.imports ?? []), ...(feed ? [feed] : [])],
    providers: [
      ...(definition.providers ?? []),
      ...resourceServerProviders(feed !== undefined, slidingOn, guard),
      ...SERVICES,
      FilterOrder,
      ...globalProviders(guard, slidingOn),
    ],
    exports: [
      ...SERVICES,
      AUTH_POLICY,
      ROUTE_PARTS,
      GUARD_PARTS,
      AuthClock,
      AccessTokenVerifier,
      Renewals,
      VerifiedTokenCache,
    ],
  };
}
