import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import type { AuthPolicy } from '../auth.options.js';
import { AUTH_POLICY } from '../auth.tokens.js';
import { ACCESS_METADATA, type Access } from '../decorators/access.decorators.js';
import { checkTimes, type AccessTokenClaims } from '../tokens/claims-rules.js';
import { JwtStrategy } from '../tokens/jwt.strategy.js';
import { VerifiedTokenCache } from '../tokens/verified-token-cache.js';
import { setUser } from '../transport/current-user.js';
import { ErrorTranslator } from '../transport/error-translator.js';
import { messageSource, type MessageSource } from '../transport/request-context.js';
import { extractBearer } from '../transport/token-extractor.js';

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

  constructor(
    @Inject(AUTH_POLICY) policy: AuthPolicy,
    @Inject(JwtStrategy) private readonly strategy: JwtStrategy,
    @Inject(VerifiedTokenCache) private readonly verified: VerifiedTokenCache,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ErrorTranslator) private readonly errors: ErrorTranslator,
  ) {
    this.clockTolerance = policy.clockTolerance;
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = this.access(context);
    if (access === 'public') return true;
    try {
      const source = messageSource(context);
      const token = this.extractToken(source);
      if (token === undefined) {
        if (access === 'optional') return true;
        throw new AuthError('token_missing', 'Send an access token: Authorization: Bearer …');
      }
      const claims = this.verified.get(token);
      if (claims) return this.admit(source, claims);
      return this.verify(token, source).catch((error: unknown) => this.fail(error, context));
    } catch (error) {
      return this.fail(error, context);
    }
  }

  /** Where a token is looked for. Override it for transports that carry tokens elsewhere. */
  protected extractToken(source: MessageSource): string | undefined {
    return source.request ? extractBearer(source.request) : undefined;
  }

  private async verify(token: string, source: MessageSource): Promise<boolean> {
    const claims = await this.strategy.verify(token);
    this.admit(source, claims);
    this.verified.set(token, claims);
    return true;
  }

  /** What is asked on every request, of tokens seen before as well. */
  private admit(source: MessageSource, claims: AccessTokenClaims): true {
    checkTimes(claims, this.clock.now(), this.clockTolerance);
    setUser(source.carrier, claims);
    return true;
  }

  private access(context: ExecutionContext): Access {
    return (
      this.reflector.getAllAndOverride<Access | undefined>(ACCESS_METADATA, [
        context.getHandler(),
        context.getClass(),
      ]) ?? 'guarded'
    );
  }

  private async fail(error: unknown, context: ExecutionContext): Promise<never> {
    throw error instanceof AuthError ? await this.errors.translate(error, context) : error;
  }
}
