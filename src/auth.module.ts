import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { AuthClock } from './auth.clock.js';
import { AuthConfigError } from './auth.errors.js';
import { AuthEvents } from './auth.events.js';
import {
  AUTH_MODULE_EXTRAS,
  ASYNC_KEYS,
  ConfigurableModuleClass,
  type ASYNC_OPTIONS_TYPE,
  type AuthModuleExtras,
  type OPTIONS_TYPE,
} from './auth.module-definition.js';
import { refuseUnknown } from './auth.option-checks.js';
import { resolveOptions, type AuthModuleOptions, type AuthPolicy } from './auth.options.js';
import { AUTH_OPTIONS, AUTH_POLICY } from './auth.tokens.js';
import { AuditLog } from './events/audit-log.js';
import { EventEmitterBridge } from './events/event-emitter-bridge.js';
import { JwtAuthGuard } from './guards/jwt-auth.guard.js';
import { SlidingSessionInterceptor } from './interceptors/sliding-session.interceptor.js';
import { authRoutes } from './routes/auth-routes.js';
import { Revocations } from './revocation/revocations.js';
import { RefreshRotationService } from './sessions/refresh-rotation.service.js';
import { RenewalService } from './sessions/renewal.service.js';
import { Renewals } from './sessions/renewals.js';
import { SessionService } from './sessions/session.service.js';
import { StoreHeartbeat } from './sessions/store-heartbeat.js';
import { Subjects } from './sessions/subjects.js';
import { TokenGrants } from './sessions/token-grant.js';
import { AccessTokenService } from './tokens/access-token.service.js';
import { JwtStrategy } from './tokens/jwt.strategy.js';
import { KeyRing, parseKeyRing } from './tokens/key-ring.js';
import { RefreshTokens } from './tokens/refresh-token.js';
import { TokenVerifier } from './tokens/token-verifier.js';
import { VerifiedTokenCache } from './tokens/verified-token-cache.js';
import { AuthExceptionFilter } from './transport/auth-exception.filter.js';
import { ErrorTranslator } from './transport/error-translator.js';
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
    return assemble(super.forRoot(options), options);
  }

  /** Like {@link forRoot}; what changes the provider graph (strategy, store, routes, guard, isGlobal) stands beside the factory. */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    refuseUnknown(options, [...AUTH_MODULE_EXTRAS, ...ASYNC_KEYS], 'option beside useFactory');
    return assemble(super.forRootAsync(options), options);
  }
}

// Exported as well: a guard or interceptor named in a host's @UseGuards is made anew in the host's module.
const SERVICES = [
  AccessTokenService,
  AuthExceptionFilter,
  ErrorTranslator,
  JwtAuthGuard,
  JwtStrategy,
  RefreshRotationService,
  RenewalService,
  Revocations,
  SessionService,
  SlidingSessionInterceptor,
  TokenResponder,
] as const;

function assemble(definition: DynamicModule, extras: AuthModuleExtras): DynamicModule {
  const { strategy = 'refresh-sliding', store, routes, guard = 'manual', isGlobal = false } = extras;
  if (!store) {
    throw new AuthConfigError(
      `store must be given for strategy '${strategy}': RedisTokenRepositoryModule.forRoot({ url }), or ` +
        'InMemoryTokenRepositoryModule.forRoot() for one process that may forget its sessions',
    );
  }
  if (guard !== 'manual' && guard !== 'global') throw new AuthConfigError("guard must be 'manual' or 'global'");
  const values: Provider[] = [
    { provide: AuthClock, useFactory: () => new AuthClock() },
    { provide: AuthEvents, useFactory: () => new AuthEvents() },
    {
      provide: AUTH_POLICY,
      inject: [AUTH_OPTIONS],
      useFactory: (options: AuthModuleOptions) => resolveOptions(options, strategy),
    },
    {
      provide: KeyRing,
      inject: [AUTH_OPTIONS, AUTH_POLICY],
      useFactory: (options: AuthModuleOptions, policy: AuthPolicy) => parseKeyRing(options.keys, policy.algorithm),
    },
    {
      provide: RefreshTokens,
      inject: [KeyRing, AUTH_POLICY],
      useFactory: (keys: KeyRing, policy: AuthPolicy) => new RefreshTokens(keys, policy.issuer),
    },
    {
      provide: VerifiedTokenCache,
      inject: [AUTH_POLICY],
      useFactory: (policy: AuthPolicy) => new VerifiedTokenCache(policy.tokenCacheMax),
    },
    { provide: TokenVerifier, useExisting: JwtStrategy },
    { provide: Renewals, useExisting: RenewalService },
  ];
  return {
    ...definition,
    global: isGlobal,
    imports: [...(definition.imports ?? []), JwtModule.register({}), store],
    controllers: routes ? authRoutes(routes.path) : [],
    providers: [
      ...(definition.providers ?? []),
      ...values,
      ...SERVICES,
      AuditLog,
      EventEmitterBridge,
      StoreHeartbeat,
      Subjects,
      TokenGrants,
      { provide: APP_FILTER, useExisting: AuthExceptionFilter },
      // useExisting, so that a host's tests can replace the guard.
      ...(guard === 'global' ? [{ provide: APP_GUARD, useExisting: JwtAuthGuard }] : []),
    ],
    exports: [
      ...SERVICES,
      AUTH_POLICY,
      AuthClock,
      AuthEvents,
      KeyRing,
      RefreshTokens,
      Renewals,
      TokenVerifier,
      VerifiedTokenCache,
      store,
    ],
  };
}
