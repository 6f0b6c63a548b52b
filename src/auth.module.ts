// First: what it keeps must be there before loading the rest makes V8 collect garbage.
import './auth.tick-shape.js';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import {
  APP_FILTER,
  APP_GUARD,
  APP_INTERCEPTOR,
  ApplicationConfig,
  HttpAdapterHost,
  ModulesContainer,
  Reflector,
} from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { AuthClock } from './auth.clock.js';
import { AuthConfigError } from './auth.errors.js';
import { AuthEvents } from './events/auth.events.js';
import { ConfigurableModuleClass, type AuthModuleAsyncOptions, type OPTIONS_TYPE } from './auth.module-definition.js';
import { OPTIONS } from './options/auth-options.js';
import { AUTH_EXTRAS, type AuthModuleExtras } from './options/auth-extras.js';
import { refuseUnknown } from './options/option-table.js';
import { resolveOptions, type AuthModuleOptions, type AuthPolicy, type SlidingOn } from './options/options.js';
import { traitsOf } from './options/session-mode.js';
import { ASYNC_KEYS, AUTH_OPTIONS, AUTH_POLICY } from './auth.constants.js';
import { AuditLog } from './events/audit-log.js';
import { EventEmitterBridge } from './events/event-emitter-bridge.js';
import { JwtAuthGuard } from './guards/jwt-auth.guard.js';
import { ROUTE_MEANS, RouteCheck, type RouteMeans } from './routing/route-check.js';
import { SlidingSessionInterceptor } from './interceptors/sliding-session.interceptor.js';
import { RecordlessTokenRepository } from './stores/memory/recordless-token.repository.js';
import { TokenRepository } from './sessions/token.repository.js';
import { MachineTokens } from './oauth/machine-tokens.js';
import { oauthControllers, oauthProviders } from './oauth/oauth.providers.js';
import { authRoutes } from './routes/auth-routes.js';
import { JwksController } from './routes/jwks.controller.js';
import { OneTimeValues } from './sessions/one-time-values.js';
import { InMemoryOneTimeValues } from './stores/memory/in-memory-one-time-values.js';
import { InProcessRevocationFeed } from './stores/memory/in-process-revocation-feed.js';
import { RevocationFeed } from './revocation/revocation-feed.js';
import { Revocations } from './revocation/revocations.js';
import { PolicyWarnings } from './options/policy-warnings.js';
import { ReauthenticationService } from './sessions/reauthentication.service.js';
import { RefreshRotationService } from './sessions/refresh-rotation.service.js';
import { RenewalService } from './sessions/renewal.service.js';
import { Renewals } from './sessions/renewals.js';
import { SessionEndings } from './sessions/session-endings.js';
import { SessionService } from './sessions/session.service.js';
import { StoreHeartbeat } from './sessions/store-heartbeat.js';
import { StoreRepairs } from './sessions/store-repairs.js';
import { Subjects } from './sessions/subjects.js';
import { TokenGrants } from './sessions/token-grant.js';
import { AccessTokenService } from './tokens/access-token.service.js';
import { JwtStrategy } from './guards/jwt.strategy.js';
import { KeyRing, parseKeyRing } from './tokens/key-ring.js';
import { RefreshTokens } from './tokens/refresh-token.js';
import { AccessTokenVerifier } from './tokens/access-token.verifier.js';
import { VerifiedTokenCache } from './tokens/verified-token-cache.js';
import { AuthExceptionFilter } from './transport/auth-exception.filter.js';
import { ErrorTranslator } from './transport/error-translator.js';
import { routesPath } from './transport/routes-path.js';
import { TokenCookies } from './transport/token-cookies.js';
import { TokenResponder } from './transport/token-responder.js';

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
  /** @throws AuthConfigError (when the application starts) naming the option that is missing, unknown or out of range */
  static override forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    return assemble(super.forRoot(options), options, options.sliding?.on);
  }

  /** Like {@link forRoot}; what changes the provider graph (strategy, store, routes, guard, isGlobal, and `sliding: { on }`) stands beside the factory. */
  static override forRootAsync(options: AuthModuleAsyncOptions): DynamicModule {
    refuseUnknown(options, [...Object.keys(AUTH_EXTRAS), 'sliding', ...ASYNC_KEYS], '', 'option beside useFactory');
    if (options.sliding !== undefined) refuseUnknown(options.sliding, ['on'], 'sliding');
    return assemble(super.forRootAsync(options), options, options.sliding?.on);
  }
}

// Exported as well: a guard or interceptor named in a host's @UseGuards is made anew in the host's module.
const SERVICES = [
  AccessTokenService,
  AuthExceptionFilter,
  ErrorTranslator,
  JwtAuthGuard,
  JwtStrategy,
  RenewalService,
  Revocations,
  SessionService,
  SlidingSessionInterceptor,
  TokenResponder,
] as const;

/** A store that keeps nothing; heard are the revocations of the store module that is given, else of this process. */
const withoutStore = (store: DynamicModule | undefined): Provider[] => [
  {
    provide: TokenRepository,
    inject: [AuthClock, Revocations, RevocationFeed],
    useFactory: (clock: AuthClock, revocations: Revocations, feed: RevocationFeed) =>
      new RecordlessTokenRepository({
        now: () => clock.now(),
        time: () => feed.time(),
        generationOf: (sub) => revocations.generationOf(sub),
      }),
  },
  ...(store
    ? []
    : [
        {
          provide: OneTimeValues,
          inject: [AuthClock],
          useFactory: (clock: AuthClock) => new InMemoryOneTimeValues(() => clock.now()),
        },
        {
          provide: RevocationFeed,
          inject: [AuthClock],
          useFactory: (clock: AuthClock) => new InProcessRevocationFeed(() => clock.now()),
        },
      ]),
];

function assemble(definition: DynamicModule, extras: AuthModuleExtras, on?: SlidingOn): DynamicModule {
  const { strategy = 'refresh-sliding', store, routes, oauth } = extras;
  const guard = AUTH_EXTRAS.guard.check(extras.guard, 'guard');
  const isGlobal = AUTH_EXTRAS.isGlobal.check(extras.isGlobal, 'isGlobal');
  const traits = traitsOf(strategy);
  if (!store && traits.keepsSessions) {
    throw AuthConfigError.of(
      'store',
      `must be given for strategy '${strategy}': RedisTokenRepositoryModule.forRoot({ url }), or ` +
        'InMemoryTokenRepositoryModule.forRoot() for one process that may forget its sessions',
    );
  }
  const slidingOn = OPTIONS.sliding.on.check(on, 'sliding.on');
  const values: Provider[] = [
    { provide: AuthClock, useFactory: () => new AuthClock() },
    {
      provide: AuthEvents,
      inject: [AUTH_POLICY],
      useFactory: (policy: AuthPolicy) => new AuthEvents(policy.keepAddress),
    },
    {
      provide: AuditLog,
      inject: [AuthEvents, AUTH_POLICY],
      useFactory: (events: AuthEvents, policy: AuthPolicy) => new AuditLog(events, policy.auditFields),
    },
    {
      provide: AUTH_POLICY,
      inject: [AUTH_OPTIONS],
      useFactory: (options: AuthModuleOptions): AuthPolicy => {
        const policy = resolveOptions(options, strategy);
        // Too late for the interceptor: a setting that has no effect must not pass for one that has.
        if (options.sliding?.on !== undefined && options.sliding.on !== slidingOn) {
          throw AuthConfigError.of('sliding.on', `is '${options.sliding.on}' in the factory; it must stand beside it`);
        }
        return { ...policy, sliding: { ...policy.sliding, on: slidingOn } };
      },
    },
    {
      provide: KeyRing,
      inject: [AUTH_OPTIONS, AUTH_POLICY, AuthClock],
      useFactory: (options: AuthModuleOptions, policy: AuthPolicy, clock: AuthClock) => {
        const purposes = traits.keepsSessions ? (['access', 'refresh'] as const) : (['access'] as const);
        const ring = parseKeyRing(options.keys, policy.algorithm, purposes);
        ring.assertSigning(clock.now());
        return ring;
      },
    },
    {
      provide: RefreshTokens,
      inject: [KeyRing, AUTH_POLICY],
      useFactory: (keys: KeyRing, policy: AuthPolicy) => new RefreshTokens(keys, policy.issuer),
    },
    {
      provide: VerifiedTokenCache,
      inject: [AUTH_POLICY, KeyRing],
      useFactory: (policy: AuthPolicy, keys: KeyRing) => {
        const verified = new VerifiedTokenCache(policy.tokenCache.max, (at) => keys.nextRetirement('access', at));
        keys.onReplaced(() => verified.clear());
        return verified;
      },
    },
    {
      provide: TokenCookies,
      inject: [AUTH_POLICY, HttpAdapterHost, ApplicationConfig],
      useFactory: (policy: AuthPolicy, host: HttpAdapterHost, application: ApplicationConfig) =>
        new TokenCookies(policy, host, () => routesPath(application, routes ? routes.path : undefined)),
    },
    ...(traits.keepsSessions ? [RefreshRotationService] : withoutStore(store)),
    { provide: AccessTokenVerifier, useExisting: AccessTokenService },
    { provide: Renewals, useExisting: RenewalService },
    {
      provide: ROUTE_MEANS,
      inject: [AUTH_POLICY],
      useFactory: ({ keepsSessions, renews, slides }: AuthPolicy): RouteMeans => ({
        place: `in strategy '${strategy}'`,
        asksStore: keepsSessions,
        hasFeed: true,
        renews,
        extends: slides,
      }),
    },
    {
      provide: RouteCheck,
      inject: [ROUTE_MEANS, ModulesContainer, Reflector],
      useFactory: (means: RouteMeans, modules: ModulesContainer, reflector: Reflector) =>
        new RouteCheck(means, modules, reflector),
    },
  ];
  // What the values bring beside a store module's own must be found before it.
  const home = traits.keepsSessions ? [RefreshRotationService] : [TokenRepository, ...(store ? [] : [RevocationFeed])];
  return {
    ...definition,
    global: isGlobal,
    imports: [...(definition.imports ?? []), JwtModule.register({}), ...(store ? [store] : [])],
    controllers: [
      ...(routes ? authRoutes(routes.path, traits) : []),
      ...(oauth ? [...oauthControllers(oauth.path), ...(routes ? [] : [JwksController])] : []),
    ],
    providers: [
      ...(definition.providers ?? []),
      ...values,
      ...SERVICES,
      ...(oauth ? oauthProviders(oauth.path) : []),
      EventEmitterBridge,
      ReauthenticationService,
      SessionEndings,
      StoreHeartbeat,
      StoreRepairs,
      PolicyWarnings,
      Subjects,
      TokenGrants,
      { provide: APP_FILTER, useExisting: AuthExceptionFilter },
      // useExisting, so that a host's tests can replace the guard.
      ...(guard === 'global' ? [{ provide: APP_GUARD, useExisting: JwtAuthGuard }] : []),
      ...(slidingOn === 'all' ? [{ provide: APP_INTERCEPTOR, useExisting: SlidingSessionInterceptor }] : []),
    ],
    exports: [
      ...[...SERVICES, AUTH_POLICY, AuthClock, AuthEvents, KeyRing, RefreshTokens, Renewals, TokenCookies],
      ...[AccessTokenVerifier, VerifiedTokenCache],
      ...home,
      ...(oauth ? [MachineTokens] : []),
      ...(store ? [store] : []),
    ],
  };
}
