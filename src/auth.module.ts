import { Inject, Module, Optional, type DynamicModule } from '@nestjs/common';
import { AuthClock } from './auth.clock.js';
import { AuthConfigError } from './auth.errors.js';
import { AuthEvents } from './events/auth.events.js';
import {
  ConfigurableModuleClass,
  type AuthModuleAsyncOptions,
  type AuthModuleRootOptions,
} from './auth.module-definition.js';
import type { AuthModuleOptions } from './options/auth-options.js';
import { OPTIONS } from './options/auth-options.js';
import { AUTH_EXTRAS, type AuthModuleExtras } from './options/auth-extras.js';
import { checkAsync } from './options/async-options.js';
import { type SlidingOn } from './options/options.js';
import { traitsOf } from './options/session-mode.js';
import { AUTH_POLICY, ROUTE_ERRORS } from './auth.constants.js';
import { EventEmitterBridge } from './events/event-emitter-bridge.js';
import { GUARD_PARTS } from './guards/guard-parts.js';
import { DeviceTokens } from './limits/device-tokens.js';
import { LegacyAccessTokens } from './legacy/legacy-access.js';
import { LegacyMarks } from './legacy/legacy-marks.js';
import { LegacyTokens } from './legacy/legacy-tokens.js';
import { LoginLimits } from './limits/login-limits.js';
import { GenerationStore, SessionStore, TokenRepository } from './sessions/token.repository.js';
import { MachineTokens } from './oauth/machine-tokens.js';
import { OAuthExceptionFilter } from './oauth/oauth-exception.filter.js';
import { oauthControllers, oauthProviders } from './oauth/oauth.providers.js';
import { describeRoutes } from './openapi/describe-routes.js';
import { authRoutes } from './routes/auth-routes.js';
import { CookieCheck } from './routes/cookie-check.js';
import { RootRoutes } from './routes/root-routes.js';
import { JwksController } from './routes/jwks.controller.js';
import { RevocationFeed } from './revocation/revocation-feed.js';
import { PolicyWarnings } from './options/policy-warnings.js';
import { PendingEndings } from './sessions/pending-endings.js';
import { ReauthenticationService } from './sessions/reauthentication.service.js';
import { RefreshRotationService } from './sessions/refresh-rotation.service.js';
import { Renewals } from './sessions/renewals.js';
import { SessionClaims } from './sessions/session-claims.service.js';
import { SessionEndings } from './sessions/session-endings.js';
import { Logins } from './sessions/logins.js';
import { SessionOpenings } from './sessions/session-openings.js';
import { StoreHeartbeat } from './sessions/store-heartbeat.js';
import { StoreRepairs } from './sessions/store-repairs.js';
import { Subjects } from './sessions/subjects.js';
import { TokenGrants } from './sessions/token-grant.js';
import { KeyRing } from './tokens/key-ring.js';
import { RefreshTokens } from './tokens/refresh-token.js';
import { AccessTokenVerifier } from './tokens/access-token.verifier.js';
import { VerifiedTokenCache } from './tokens/verified-token-cache.js';
import { FilterOrder } from './transport/auth-exception.filter.js';
import { RouteAnswers } from './transport/route-answers.js';
import { ROUTE_PARTS, withoutOptions } from './routing/route-parts.js';
import { WaitingCircle } from './routing/waiting-circle.js';
import { TokenCookies } from './transport/token-cookies.js';
import { globalProviders } from './wiring/route-providers.js';
import { requireExport } from './wiring/required-export.js';
import { authProviders, SERVICES } from './auth.providers.js';

const STORES =
  'RedisTokenRepositoryModule.forRoot({ url }), InMemoryTokenRepositoryModule.forRoot(), or a module of your own that ' +
  'exports TokenRepository and RevocationFeed';
const EXAMPLE = "{ issuer: 'https://auth.example', keys, store }";

/**
 * Token sessions for a Nest application.
 *
 * @example
 * ```ts
 * AuthModule.forRootAsync({
 *   isGlobal: true,
 *   guard: 'global',
 *   routes: { path: 'auth' },
 *   store: RedisTokenRepositoryModule.forRoot({ url: 'redis://localhost:6379' }),
 *   inject: [ConfigService],
 *   useFactory: (config: ConfigService) => ({ issuer: 'https://auth.example', keys: config.getOrThrow('AUTH_KEYS') }),
 * });
 * ```
 */
@Module({})
export class AuthModule extends ConfigurableModuleClass {
  /** @throws AuthConfigError where the class itself stands in `imports` */
  constructor(@Optional() @Inject(ROUTE_PARTS) parts?: object) {
    super();
    if (!parts) throw withoutOptions('AuthModule', EXAMPLE);
  }

  /** @throws AuthConfigError (when the application starts) naming the option that is missing, unknown or out of range */
  static override forRoot(options: AuthModuleRootOptions): DynamicModule {
    if (!options) throw withoutOptions('AuthModule', EXAMPLE);
    return assemble(super.forRoot(options as never), options, options.sliding?.on);
  }

  /** Like {@link forRoot}; what changes the provider graph (strategy, store, routes, guard, isGlobal, and `sliding: { on }`) stands beside the factory. */
  static override forRootAsync<Made extends AuthModuleOptions>(options: AuthModuleAsyncOptions<Made>): DynamicModule {
    checkAsync(options, AUTH_EXTRAS, OPTIONS);
    return assemble(super.forRootAsync(options as never), options, options.sliding?.on);
  }
}

function assemble(definition: DynamicModule, extras: AuthModuleExtras, on?: SlidingOn): DynamicModule {
  const { strategy = 'refresh-sliding' } = extras;
  const store = AUTH_EXTRAS.store.check(extras.store, 'store');
  const routes = AUTH_EXTRAS.routes.check(extras.routes, 'routes');
  const oauth = AUTH_EXTRAS.oauth.check(extras.oauth, 'oauth');
  const guard = AUTH_EXTRAS.guard.check(extras.guard, 'guard');
  const errors = AUTH_EXTRAS.errors.check(extras.errors, 'errors');
  const isGlobal = AUTH_EXTRAS.isGlobal.check(extras.isGlobal, 'isGlobal');
  const traits = traitsOf(strategy);
  if (!store && traits.keepsSessions) {
    throw AuthConfigError.of(
      'store',
      `must be given for strategy '${strategy}', beside useFactory if there is one: RedisTokenRepositoryModule.forRoot({ url }), or ` +
        'InMemoryTokenRepositoryModule.forRoot() for one process that may forget its sessions',
    );
  }
  if (store && traits.keepsSessions) requireExport(store, TokenRepository, 'store', STORES);
  const slidingOn = OPTIONS.sliding.on.check(on, 'sliding.on');
  if (routes || oauth) describeRoutes();
  // Exported where it is null, too: else who imports this module would get the one of the store's module.
  const home = traits.keepsSessions ? [RefreshRotationService] : [TokenRepository, ...(store ? [] : [RevocationFeed])];
  return {
    ...definition,
    global: isGlobal,
    imports: [...(definition.imports ?? []), ...(store ? [store] : [])],
    controllers: [
      ...(routes ? authRoutes(routes.path, traits, errors) : []),
      ...(oauth ? [...oauthControllers(oauth.path), ...(routes ? [] : [JwksController])] : []),
    ],
    providers: [
      ...(definition.providers ?? []),
      ...authProviders({ strategy, traits, store, slidingOn, guard }),
      ...SERVICES,
      ...(oauth ? oauthProviders() : []),
      CookieCheck,
      { provide: ROUTE_ERRORS, useValue: errors },
      RouteAnswers,
      FilterOrder,
      RootRoutes,
      WaitingCircle,
      EventEmitterBridge,
      LegacyAccessTokens,
      LegacyMarks,
      LegacyTokens,
      Logins,
      PendingEndings,
      ReauthenticationService,
      SessionClaims,
      SessionEndings,
      SessionOpenings,
      StoreHeartbeat,
      StoreRepairs,
      PolicyWarnings,
      Subjects,
      TokenGrants,
      ...globalProviders(guard, slidingOn),
    ],
    exports: [
      ...SERVICES,
      ...(oauth ? [OAuthExceptionFilter] : []),
      AUTH_POLICY,
      ROUTE_PARTS,
      GUARD_PARTS,
      AuthClock,
      AuthEvents,
      DeviceTokens,
      KeyRing,
      LegacyAccessTokens,
      LegacyTokens,
      LoginLimits,
      RefreshTokens,
      Renewals,
      TokenCookies,
      AccessTokenVerifier,
      GenerationStore,
      SessionStore,
      VerifiedTokenCache,
      ...home,
      ...(oauth ? [MachineTokens] : []),
      ...(store ? [store] : []),
    ],
  };
}
