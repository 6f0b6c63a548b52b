export { AuthModule } from './auth.module.js';
export type {
  AuthModuleAsyncOptions,
  AuthModuleRootOptions,
  AuthOptionsFactory,
  StoreChoice,
} from './auth.module-definition.js';
export type { AuthModuleExtras } from './options/auth-extras.js';
export { ResourceServerModule } from './resource-server/resource-server.module.js';
export type { ResourceServerExtras, ResourceServerOptions } from './resource-server/resource-server.options.js';
export type { Duration } from './options/durations.js';
export type { JwkSet } from './options/jwk-set.js';
export { resolveOptions } from './options/options.js';
export type {
  AccessTokenAlgorithm,
  AuthModuleOptions,
  AuthPolicy,
  SessionMode,
  ClientPolicy,
  LoadedSubject,
  SubjectSession,
  SlidingOn,
  WhenStale as WhenStalePolicy,
} from './options/options.js';
export type { LoadedClient } from './options/auth-options.js';
export type { ClientOptions, LifeOptions } from './options/client-options.js';
export type { CookieOptions, CookiePolicy } from './options/cookie-options.js';
export { AUTH_POLICY } from './auth.constants.js';
export { AuthClock } from './auth.clock.js';
export * from './auth.extensions.js';
export { AUTH_ERRORS, AuthConfigError, AuthError } from './auth.errors.js';
export type { AuthErrorCode, AuthErrorDetails, ClaimFault, ErrorMeaning, ErrorTable } from './auth.errors.js';
export { AuthEvents } from './events/auth.events.js';
export { AuthObserver } from './events/observer.js';
export { auditHash } from './events/audit-line.js';
export type { AuthEvent, AuthEventListener, LibraryEvents } from './events/auth.events.js';
export type { DeviceInfo, EndCause, RequestInfo } from './events/request-info.js';

export { LoginLimits } from './limits/login-limits.js';
export type { CountedAttempt, OtherAttempt, PasswordAttempt } from './limits/login-limits.js';
export { AttemptLog } from './limits/attempt-log.js';
export type { Noted, NotedAttempt } from './limits/attempt-log.js';
export type { Limit } from './limits/limit.js';
export type { LimitName, LimitRate, LoginLimitOptions } from './options/limit-options.js';

export type { RouteRule } from './routing/route-rules.js';
export type { RouteDemands } from './routing/route-demands.js';
export { JwtAuthGuard } from './guards/jwt-auth.guard.js';
export { SocketSessions } from './guards/socket-sessions.js';
export type { AuthSession } from './streams/auth-session.js';
export { Guarded, OptionalAuth, Public } from './decorators/access.decorators.js';
export { RequireLiveSession, WhenStale } from './decorators/liveness.decorators.js';
export { CurrentClient } from './decorators/current-client.decorator.js';
export type { AuthClient } from './decorators/current-client.decorator.js';
export { CurrentToken } from './decorators/current-token.decorator.js';
export { CurrentSession, CurrentUser, currentUser } from './decorators/current-user.decorator.js';
export type { AuthUser, GivenClaims, LoadUser } from './auth.claims.js';
export { RequireRecentAuth, RequireRole, RequireScope } from './decorators/demand.decorators.js';
export { NoSliding, SlidingSession } from './decorators/sliding-session.decorator.js';
export type { SlidingSessionOptions } from './decorators/sliding-session.decorator.js';
export { SlidingSessionInterceptor } from './interceptors/sliding-session.interceptor.js';

export { LegacyTokens } from './legacy/legacy-tokens.js';
export type { LegacyToken, ReadLegacyToken } from './options/legacy-options.js';
export { isLegacy } from './tokens/legacy-claims.js';
export { SessionService } from './sessions/session.service.js';
export type { ReplacedSession, SessionRequest } from './sessions/session-request.js';
export type { ClaimsChanged } from './sessions/session-claims.service.js';
export type { ReissueRequest } from './sessions/reauthentication.service.js';
export { MachineTokens } from './oauth/machine-tokens.js';
export { OneTimeValues } from './sessions/one-time-values.js';
export { SubjectRevoker } from './sessions/subject-revoker.js';
export { policyReport } from './options/policy-report.js';
export { formatPolicyReport } from './options/policy-text.js';
export type {
  ClientReport,
  MachineReport,
  PolicyFinding,
  PolicyReport,
  ReportedPolicy,
} from './options/policy-report.types.js';
export { RefreshRotationService } from './sessions/refresh-rotation.service.js';
export type { RefreshRequest } from './sessions/refresh-request.js';
export { RenewalService } from './sessions/renewal.service.js';
export type { RenewalRequest } from './sessions/renewals.js';
export type { TokenGrant } from './sessions/token-grant.js';
export type { Actor, HostClaims, SessionEndReason, SessionRecord, SessionTransport } from './sessions/session.js';

export { AccessTokenVerifier } from './tokens/access-token.verifier.js';
export type { VerificationKeys } from './tokens/verification-keys.js';
export { AccessTokenService } from './tokens/access-token.service.js';
export type { AccessTokenContent } from './tokens/access-token.service.js';
export type { AccessTokenClaims, ActorClaim } from './tokens/claims-rules.js';
export { generateKey, generateKeys } from './tokens/generate-keys.js';
export type { PrivateKey, PrivateKeySet } from './tokens/generate-keys.js';
export { KeyRing } from './tokens/key-ring.js';
export type { KeyInfo, KeyState } from './tokens/key-ring.js';
export { JwtStrategy } from './guards/jwt.strategy.js';

export type { EndNote, PastSession } from './sessions/session-history.js';
export { GenerationStore, SessionStore, TokenRepository } from './sessions/token.repository.js';
export type {
  AdvanceCommand,
  AdvanceResult,
  ExtendCommand,
  ExtendResult,
  OpenCommand,
  OpenResult,
  SessionClaimsCommand,
  SessionClaimsResult,
  Snapshot,
} from './sessions/token.repository.js';
export { InMemoryTokenRepository } from './stores/memory/in-memory-token.repository.js';
export { InMemoryTokenRepositoryModule } from './stores/memory/in-memory-token-repository.module.js';
export { RedisTokenRepositoryModule } from './stores/redis/redis-token-repository.module.js';
export { RedisRevocationFeedModule } from './stores/redis/redis-revocation-feed.module.js';
export type { RedisTokenRepositoryOptions } from './stores/redis/redis-connection-options.js';

export { RevocationFeed, RevocationPublisher, RevocationSource } from './revocation/revocation-feed.js';
export type { PublishedRevocation, Revocation, RevocationSubscriber } from './revocation/revocation-feed.js';
export { isStronger } from './revocation/end-reasons.js';
export { Revocations } from './revocation/revocations.js';
export { AuthExceptionFilter } from './transport/auth-exception.filter.js';
export { AuthHttpException } from './transport/auth.exceptions.js';
export type { ErrorBody } from './transport/auth.exceptions.js';
export { corsOptions } from './transport/cors-options.js';
export type { AllowedOriginsCors } from './transport/cors-options.js';
export { withAccessToken } from './transport/rpc-request.js';
export { deviceOf, requestInfoOf } from './transport/request-info.js';
export { messageSource } from './transport/request-context.js';
export type { IncomingRequest, MessageSource } from './transport/request-context.js';
export { TokenCookies } from './transport/token-cookies.js';
export { ErrorTranslator } from './transport/error-translator.js';
export { redactedPaths, SECRET_FIELDS, SECRET_HEADERS } from './transport/secret-names.js';
export { TokenResponder } from './transport/token-responder.js';
export type { TokenAnswer } from './transport/token-responder.js';
