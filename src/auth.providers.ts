import type { DynamicModule, Provider } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { JwtService } from '@nestjs/jwt';
import { AuthClock } from './auth.clock.js';
import { loadTracing } from './auth.tracing.js';
import { AuthConfigError } from './auth.errors.js';
import { AuthEvents } from './events/auth.events.js';
import { limitProviders } from './auth.module-limits.js';
import {
  resolveOptions,
  type SessionMode,
  type AuthModuleOptions,
  type AuthPolicy,
  type SlidingOn,
} from './options/options.js';
import { AUTH_OPTIONS, AUTH_POLICY, KEYTURN_JWT, TRACING } from './auth.constants.js';
import { AuditLog } from './events/audit-log.js';
import { JwtAuthGuard } from './guards/jwt-auth.guard.js';
import { SocketSessions } from './guards/socket-sessions.js';
import { ROUTE_MEANS, type RouteMeans } from './routing/route-check.js';
import { sessionRoutesPath } from './routes/session-routes-path.js';
import { SlidingSessionInterceptor } from './interceptors/sliding-session.interceptor.js';
import { RecordlessSessionStore } from './stores/memory/recordless-session-store.js';
import { GenerationStore, SessionStore, TokenRepository } from './sessions/token.repository.js';
import { OneTimeValues } from './sessions/one-time-values.js';
import { InMemoryOneTimeValues } from './stores/memory/in-memory-one-time-values.js';
import { InMemoryTokenRepositoryModule } from './stores/memory/in-memory-token-repository.module.js';
import { InProcessRevocationFeed } from './stores/memory/in-process-revocation-feed.js';
import { RevocationFeed, RevocationPublisher, RevocationSource } from './revocation/revocation-feed.js';
import { Revocations } from './revocation/revocations.js';
import { RefreshRotationService } from './sessions/refresh-rotation.service.js';
import { RenewalService } from './sessions/renewal.service.js';
import { Renewals } from './sessions/renewals.js';
import { SessionService } from './sessions/session.service.js';
import { BoundSockets } from './streams/bound-sockets.js';
import { OpenStreams } from './streams/open-streams.js';
import { AccessTokenService } from './tokens/access-token.service.js';
import { JwtStrategy } from './guards/jwt.strategy.js';
import { KeyRing, parseKeyRing } from './tokens/key-ring.js';
import { RefreshTokens } from './tokens/refresh-token.js';
import { AccessTokenVerifier } from './tokens/access-token.verifier.js';
import { VerifiedTokenCache } from './tokens/verified-token-cache.js';
import { AuthExceptionFilter } from './transport/auth-exception.filter.js';
import { ErrorTranslator } from './transport/error-translator.js';
import { CookieEvidence } from './transport/cookie-evidence.js';
import { TokenCookies } from './transport/token-cookies.js';
import { TokenResponder } from './transport/token-responder.js';
import type { ModeTraits } from './options/session-mode.js';
import { routeProviders } from './wiring/route-providers.js';

/** What the providers depend on, known before any factory has run. */
export interface ProviderChoices {
  readonly strategy: SessionMode;
  readonly traits: ModeTraits;
  readonly store: DynamicModule | undefined;
  readonly slidingOn: SlidingOn;
  readonly guard: 'manual' | 'global';
}

// Exported as well: a guard or interceptor named in a host's @UseGuards is made anew in the host's module.
export const SERVICES = [
  AccessTokenService,
  AuthExceptionFilter,
  BoundSockets,
  ErrorTranslator,
  JwtAuthGuard,
  JwtStrategy,
  OpenStreams,
  RenewalService,
  Revocations,
  SessionService,
  SlidingSessionInterceptor,
  SocketSessions,
  TokenResponder,
] as const;

/** A store that keeps nothing. Revocations come from the store module that is given, or from this process alone. */
const withoutStore = (store: DynamicModule | undefined): Provider[] => [
  {
    provide: SessionStore,
    inject: [AuthClock, Revocations, RevocationFeed],
    useFactory: (clock: AuthClock, revocations: Revocations, feed: RevocationFeed) =>
      new RecordlessSessionStore({
        now: () => clock.now(),
        time: () => feed.time(),
        generationOf: (sub) => revocations.generationOf(sub),
      }),
  },
  { provide: TokenRepository, useFactory: () => null },
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

/** A store in this process goes by this machine's time of day; any other has a clock of its own, which is measured. */
const clockBeside = (store: DynamicModule | undefined): AuthClock =>
  new AuthClock(undefined, undefined, store !== undefined && store.module !== InMemoryTokenRepositoryModule);

/** The providers of `AuthModule` that are made by a factory: clock, policy, keys, and what is made from them. */
export function authProviders({ strategy, traits, store, slidingOn, guard }: ProviderChoices): Provider[] {
  return [
    { provide: TRACING, useFactory: loadTracing },
    { provide: AuthClock, useFactory: () => clockBeside(store) },
    { provide: KEYTURN_JWT, useFactory: () => new JwtService() },
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
    ...limitProviders,
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
      inject: [
        AUTH_POLICY,
        RefreshTokens,
        AccessTokenService,
        AuthClock,
        HttpAdapterHost,
        ModulesContainer,
        ApplicationConfig,
      ],
      useFactory: (
        policy: AuthPolicy,
        refreshTokens: RefreshTokens,
        accessTokens: AccessTokenService,
        clock: AuthClock,
        host: HttpAdapterHost,
        modules: ModulesContainer,
        application: ApplicationConfig,
      ) =>
        new TokenCookies(policy, {
          host,
          evidence: new CookieEvidence(refreshTokens, accessTokens, clock),
          signCompanion: (sid) => refreshTokens.signCompanion(sid, clock.now()),
          refreshPath: () => sessionRoutesPath(modules, application),
        }),
    },
    ...(traits.keepsSessions
      ? [RefreshRotationService, { provide: SessionStore, useExisting: TokenRepository }]
      : withoutStore(store)),
    { provide: GenerationStore, useExisting: SessionStore },
    { provide: RevocationSource, useExisting: RevocationFeed },
    { provide: RevocationPublisher, useExisting: RevocationFeed },
    { provide: AccessTokenVerifier, useExisting: AccessTokenService },
    { provide: Renewals, useExisting: RenewalService },
    {
      provide: ROUTE_MEANS,
      inject: [AUTH_POLICY],
      useFactory: ({ issuer, keepsSessions, renews, slides }: AuthPolicy): RouteMeans => ({
        module: 'AuthModule',
        issuer,
        guardsAll: guard === 'global',
        place: `in strategy '${strategy}'`,
        asksStore: keepsSessions,
        hasFeed: true,
        renews,
        extends: slides,
      }),
    },
    ...routeProviders(guard),
  ];
}
