import { Inject, Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import { AuthObserver } from '../events/observer.js';
import type { AuthPolicy, WhenStale } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { Revocations } from '../revocation/revocations.js';
import { revokedToken, staleKnowledge } from '../sessions/session-errors.js';
import { SessionService } from '../sessions/session.service.js';
import { checkTimes, type AccessTokenClaims } from '../tokens/claims-rules.js';
import { TokenVerifier } from '../tokens/token-verifier.js';
import { VerifiedTokenCache } from '../tokens/verified-token-cache.js';
import { setUser } from '../transport/current-user.js';
import { ErrorTranslator } from '../transport/error-translator.js';
import { messageSource, type MessageSource } from '../transport/request-context.js';
import { TokenCookies } from '../transport/token-cookies.js';
import { extractBearer } from '../transport/token-extractor.js';
import { unmetDemand, type RouteDemands } from '../routing/route-demands.js';
import { RouteRules, type RouteRule } from '../routing/route-rules.js';

/** Messages whose caller met what their route demands, for guards that come after. */
const met = new WeakSet<ExecutionContext>();

/** Whether {@link JwtAuthGuard} has let this message in, on a route that demands more than a good token. */
export const hasMetDemands = (context: ExecutionContext): boolean => met.has(context);

/**
 * Lets a request in whose access token holds, and notes its claims as the user. A token that was seen before costs a
 * look into memory, and no promise; one that was not goes through passport-jwt. No store is asked.
 *
 * @example
 * ```ts
 * @UseGuards(JwtAuthGuard)
 * @Controller('orders')
 * export class OrdersController {}
 * ```
 */
@Injectable()
export class JwtAuthGuard implements CanActivate {
  private readonly clockTolerance: number;
  private readonly rules: RouteRules;
  private readonly cookies?: TokenCookies;

  constructor(
    @Inject(AUTH_POLICY) policy: AuthPolicy,
    @Inject(TokenVerifier) private readonly verifier: TokenVerifier,
    @Inject(VerifiedTokenCache) private readonly verified: VerifiedTokenCache,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(Reflector) reflector: Reflector,
    @Inject(ErrorTranslator) private readonly errors: ErrorTranslator,
    @Optional() @Inject(TokenCookies) cookies?: TokenCookies,
    // Absent in a resource server, which is not started with a route that asks.
    @Optional() @Inject(SessionService) private readonly sessions?: SessionService,
    @Optional() @Inject(AuthObserver) private readonly observer?: AuthObserver,
  ) {
    if (cookies?.inUse) this.cookies = cookies;
    this.clockTolerance = policy.clockTolerance;
    this.rules = new RouteRules(reflector, policy.whenStale);
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const rule = this.rules.of(context);
    if (rule.access === 'public') return true;
    try {
      const source = messageSource(context);
      const token = this.extractToken(source);
      if (token === undefined) {
        if (rule.access === 'optional') return true;
        throw new AuthError('token_missing', 'Send an access token: Authorization: Bearer …');
      }
      const claims = this.verified.get(token, this.clock.now());
      const admitted = claims ? this.admit(context, source, claims, rule) : this.verify(token, context, source, rule);
      return admitted === true ? true : admitted.catch((error: unknown) => this.fail(error, context));
    } catch (error) {
      return this.fail(error, context);
    }
  }

  /** Where a token is looked for. Override it for transports that carry tokens elsewhere. */
  protected extractToken(source: MessageSource): string | undefined {
    if (!source.request) return undefined;
    return extractBearer(source.request) ?? this.cookies?.accessToken(source.request);
  }

  private async verify(
    token: string,
    context: ExecutionContext,
    source: MessageSource,
    rule: RouteRule,
  ): Promise<true> {
    const { epoch } = this.verified;
    const claims = await this.verifier.verify(token);
    await this.admit(context, source, claims, rule);
    this.verified.set(token, claims, epoch);
    return true;
  }

  /** What is asked on every request, of tokens seen before as well. Waits only where the route asks the store. */
  private admit(
    context: ExecutionContext,
    source: MessageSource,
    claims: AccessTokenClaims,
    rule: RouteRule,
  ): true | Promise<true> {
    checkTimes(claims, this.clock.now(), this.clockTolerance);
    const revoked = this.revocations.check(claims);
    if (revoked) throw revokedToken(revoked);
    setUser(source.carrier, claims);
    if (rule.demands) this.meet(rule.demands, context, claims);
    if (rule.live) return this.askStore(claims);
    return this.revocations.isStale() ? this.admitUnsure(claims, rule.whenStale) : true;
  }

  private meet(demands: RouteDemands, context: ExecutionContext, claims: AccessTokenClaims): void {
    const unmet = unmetDemand(claims, demands, this.clock.now());
    if (unmet) throw unmet;
    met.add(context);
  }

  private admitUnsure(claims: AccessTokenClaims, whenStale: WhenStale): true | Promise<true> {
    if (whenStale === 'reject') throw staleKnowledge();
    return whenStale === 'accept' ? true : this.askStore(claims);
  }

  private async askStore(claims: AccessTokenClaims): Promise<true> {
    if (!this.sessions) throw staleKnowledge();
    await this.sessions.assertLive(claims);
    return true;
  }

  private async fail(error: unknown, context: ExecutionContext): Promise<never> {
    if (!(error instanceof AuthError)) throw error;
    this.observer?.guardRefused(error.code);
    throw await this.errors.translate(error, context);
  }
}
