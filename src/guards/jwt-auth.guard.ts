import { Inject, Injectable, Optional, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { LoadUser } from '../auth.claims.js';
import { AuthError } from '../auth.errors.js';
import { traced } from '../auth.tracing.js';
import { sessionAttributes } from '../events/span-attributes.js';
import type { WhenStale } from '../options/options.js';
import { revocableOf } from '../revocation/revocable.js';
import { revokedToken, staleKnowledge } from '../sessions/session-errors.js';
import { checkTimes, isMachine, type AccessTokenClaims } from '../tokens/claims-rules.js';
import { noteAdmission, type Admission } from '../streams/auth-session.js';
import {
  carrierOf,
  noteClaims,
  noteNobody,
  passing,
  requestIn,
  setUser,
  type IncomingRequest,
} from '../transport/request-context.js';
import { admitsMachines, noMachines, unmetDemand } from '../routing/route-demands.js';
import { RouteRules, type RouteRule } from '../routing/route-rules.js';
import { isLegacy } from '../tokens/legacy-claims.js';
import { partsOrRefusal } from '../routing/route-parts.js';
import { GUARD_PARTS, type GuardParts } from './guard-parts.js';
import { missingToken, refusal } from './guard-refusals.js';
import { withLoadedUser } from './loaded-user.js';
import { KeepsOptions } from './kept-options.js';
import { noteMet } from './met-demands.js';
import { PassportAttempt, PassportSide, type PassportGuard } from './passport-attempt.js';

// `Symbol.for`, since the ESM and the CommonJS copy of the library may both be loaded in one process.
const CLAIMS = Symbol.for('keyturn:good-claims');

/** What the guard notes on the context of a message. In a WeakMap it would cost the garbage collector 5 µs a message. */
interface Message extends ExecutionContext {
  /** What {@link JwtAuthGuard.handleRequest} has found good. */
  [CLAIMS]?: AccessTokenClaims;
}

const NO_HEADERS: IncomingRequest = Object.freeze({ headers: {} });

/** A subclass that forgives in handleRequest() must not let in a token that nobody has checked. */
const NOT_ACCEPTED = "The token was not accepted: the guard's handleRequest() must call super.handleRequest().";

const PassportAuthGuard = AuthGuard() as unknown as new (options: { defaultStrategy: string }) => PassportGuard;

/**
 * Lets a request in whose access token is good, and puts its claims at `request.user`. It is Passport's `AuthGuard` with
 * {@link JwtStrategy}; a token that was seen before does not enter Passport: it costs a look into memory, and no promise.
 * No store is asked, unless the route wants it.
 *
 * Override `getRequest()` to say where a message carries its token, and `handleRequest()` to change how a message is
 * refused or what stands at `request.user`; both must call `super`, or answer as it does.
 *
 * @example
 * ```ts
 * @UseGuards(JwtAuthGuard)
 * @Controller('orders')
 * export class OrdersController {}
 * ```
 */
@KeepsOptions()
@Injectable()
export class JwtAuthGuard extends PassportAuthGuard {
  private readonly parts: GuardParts;
  private readonly rules: RouteRules;
  private readonly admission: Admission;
  private readonly freshAdmission: Admission;
  private readonly side: PassportSide;

  /** @throws AuthConfigError where the module of the route does not see `AuthModule` */
  constructor(@Inject(Reflector) reflector: Reflector, @Optional() @Inject(GUARD_PARTS) parts?: GuardParts) {
    const found = partsOrRefusal(parts, '@UseGuards(JwtAuthGuard)');
    const { policy, strategy, streams } = found;
    // Inherited by the options and no member of theirs: Passport copies the members for each request, which takes 2 µs.
    super(Object.create({ defaultStrategy: strategy.name }) as { defaultStrategy: string });
    this.parts = found;
    this.side = new PassportSide(this);
    const tokenIn = (context: ExecutionContext): string | undefined => strategy.tokenIn(this.getRequest(context));
    this.admission = { streams, asksFresh: false, tokenIn };
    this.freshAdmission = { ...this.admission, asksFresh: true };
    this.rules = new RouteRules(reflector, policy.revocation.whenStale, policy.publicMetadata);
  }

  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const rule = this.ruleOf(context);
    if (rule.access === 'public') return passing(context);
    // What another guard has found good for this message does not count for this one.
    (context as Message)[CLAIMS] = undefined;
    try {
      const token = this.parts.strategy.tokenIn(this.getRequest(context));
      if (token === undefined) return this.admitNobody(context, rule);
      const claims = this.parts.verified.get(token, this.parts.clock.now());
      const admitted = claims ? this.admitKnown(context, claims, rule) : this.verify(context, token, rule);
      return admitted === true ? true : admitted.catch((error: unknown) => this.fail(error, context));
    } catch (error) {
      return this.fail(error, context);
    }
  }

  /** Whether a message needs a token and carries none. @throws AuthError for a token that cannot be read */
  missesToken(context: ExecutionContext): boolean {
    return this.ruleOf(context).access === 'guarded' && this.admission.tokenIn(context) === undefined;
  }

  /** What carries the credentials of a message: its `headers` are read. Passport is given the token alone. */
  override getRequest(context: ExecutionContext): IncomingRequest {
    return requestIn(context) ?? NO_HEADERS;
  }

  /**
   * Decides what becomes of a message, as in every guard of Passport. It is called for each token that is verified and
   * for each that is known from before, and where there is none.
   *
   * @param error what went wrong beyond the token
   * @param user the verified claims, or false
   * @param info why there are none
   * @returns what is put at `request.user`
   * @throws AuthError that names why the token is refused, revoked and expired ones too
   */
  override handleRequest<TUser = AccessTokenClaims>(
    error: unknown,
    user: AccessTokenClaims | false | null,
    info: unknown,
    context: ExecutionContext,
  ): TUser {
    if (!user) throw refusal(error, info);
    checkTimes(user, this.parts.clock.now(), this.parts.policy.clockTolerance);
    const revoked = this.parts.revocations.check(revocableOf(user));
    if (revoked) throw revokedToken(revoked);
    (context as Message)[CLAIMS] = user;
    return user as TUser;
  }

  /** What the decorators of the route say. */
  protected ruleOf(context: ExecutionContext): RouteRule {
    return this.rules.of(context);
  }

  /** The option of this name, where the route has a use for the user. */
  protected get loadUser(): LoadUser | undefined {
    return this.parts.policy.loadUser;
  }

  private admitNobody(context: ExecutionContext, { access }: RouteRule): true {
    if (access === 'optional') {
      noteNobody(carrierOf(context));
      return true;
    }
    const error = missingToken();
    this.handleRequest(null, false, error, context);
    throw error;
  }

  /** What is asked of a token seen before as well. Waits only where the route asks the store. */
  private admitKnown(context: ExecutionContext, claims: AccessTokenClaims, rule: RouteRule): true | Promise<true> {
    const user: unknown = this.handleRequest(null, claims, undefined, context);
    return this.admit(context, rule, user);
  }

  private verify(context: ExecutionContext, token: string, rule: RouteRule): Promise<true> {
    const { traceparent } = this.getRequest(context).headers;
    return traced('keyturn.verify', { traceparent }, async (span): Promise<true> => {
      const former = this.parts.legacy?.claimsOf(token);
      const legacy = former && (await former);
      // Not kept in the cache: the store is asked of such a token each time.
      if (legacy) return this.admitKnown(context, legacy, rule);
      const { epoch } = this.parts.verified;
      const user = await this.authenticate(token, context);
      const admitted = this.admit(context, rule, user);
      if (admitted !== true) await admitted;
      const claims = (context as Message)[CLAIMS]!;
      span?.setAttributes(sessionAttributes(claims.sub, claims.sid, claims.client_id));
      this.parts.verified.set(token, claims, epoch);
      return true;
    });
  }

  /** What Passport's own guard does. */
  private async authenticate(token: string, context: ExecutionContext): Promise<unknown> {
    const attempt = new PassportAttempt(token, context);
    try {
      await super.canActivate.call(this.side as never, attempt as never);
      return attempt.user;
    } finally {
      attempt.end();
    }
  }

  private admit(context: ExecutionContext, rule: RouteRule, user: unknown): true | Promise<true> {
    const { [CLAIMS]: claims } = context as Message;
    if (!claims) throw new AuthError('token_invalid', NOT_ACCEPTED);
    if (isMachine(claims) && !admitsMachines(rule)) throw noMachines();
    const carrier = carrierOf(context);
    // A machine has no user; what a guard of the host has made of the claims stays.
    const loadUser = isMachine(claims) || user !== claims ? undefined : this.loadUser;
    if (loadUser) noteClaims(carrier, claims);
    else setUser(carrier, claims, user);
    const asksFresh = rule.live || rule.whenStale !== 'accept';
    noteAdmission(carrier, asksFresh ? this.freshAdmission : this.admission);
    if (context.getType() === 'ws') this.parts.sockets.bind(carrier, claims, asksFresh);
    if (rule.demands) {
      const unmet = unmetDemand(claims, rule.demands, this.parts.clock.now());
      if (unmet) throw unmet;
    }
    const lives = this.admitLive(claims, rule);
    const admitted = rule.demands ? noteMet(context, lives) : lives;
    return loadUser ? withLoadedUser(admitted, claims, carrier, loadUser) : admitted;
  }

  private admitLive(claims: AccessTokenClaims, rule: RouteRule): true | Promise<true> {
    // The store was asked for it already.
    if (this.parts.legacy?.asksStore && isLegacy(claims)) return true;
    if (rule.live) return this.askStore(claims);
    return this.parts.revocations.isStale() ? this.admitUnsure(claims, rule.whenStale) : true;
  }

  private admitUnsure(claims: AccessTokenClaims, whenStale: WhenStale): true | Promise<true> {
    if (whenStale === 'reject') throw staleKnowledge();
    return whenStale === 'accept' ? true : this.askStore(claims);
  }

  /**
   * Asks the store whether the session is alive.
   * @throws AuthError why it is not, or `store_unavailable`
   */
  protected async askStore(claims: AccessTokenClaims): Promise<true> {
    if (!this.parts.sessions) throw staleKnowledge();
    await this.parts.sessions.assertLive(claims);
    return true;
  }

  private async fail(error: unknown, context: ExecutionContext): Promise<never> {
    if (!(error instanceof AuthError)) throw error;
    this.parts.observer?.guardRefused(error.code);
    throw await this.parts.errors.translate(error, context);
  }
}
