import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Optional, type OnApplicationShutdown } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy, type SecretOrKeyProvider, type StrategyOptionsWithoutRequest } from 'passport-jwt';
import { AccessTokenVerifier } from '../tokens/access-token.verifier.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { TokenCookies } from '../transport/token-cookies.js';
import { extractBearer } from '../transport/token-extractor.js';
import { presentedToken } from './passport-attempt.js';

/**
 * passport-jwt under a name of each instance's own. Passport is one object for the whole process: two applications in it
 * that both registered `jwt` would verify each other's tokens.
 */
class NamedStrategy extends Strategy {
  override name = `keyturn-${randomUUID()}`;
}

/** Typed by hand, since hosts need not have `@types/passport-jwt`, and Nest's types leave the registry out. */
interface RegisteredStrategy {
  /** What Passport knows the strategy by. */
  readonly name: string;
  getPassportInstance(): { unuse(name: string): void };
}

const PassportJwtStrategy = PassportStrategy(NamedStrategy) as unknown as new (options: object) => RegisteredStrategy;

/**
 * The Passport strategy behind {@link JwtAuthGuard}: it verifies an access token by the keys of its module, which are the
 * key ring's, or those that the auth service publishes. `name` is what Passport knows it by.
 *
 * @example
 * ```ts
 * const guard = AuthGuard(app.get(JwtStrategy).name); // Passport's own guard; it knows no revocations
 * ```
 */
@Injectable()
export class JwtStrategy extends PassportJwtStrategy implements OnApplicationShutdown {
  private readonly cookies?: TokenCookies;

  constructor(
    @Inject(AccessTokenVerifier) private readonly tokens: AccessTokenVerifier,
    @Optional() @Inject(TokenCookies) cookies?: TokenCookies,
  ) {
    super({
      jwtFromRequest: (request: IncomingRequest) => presentedToken(request) ?? this.tokenIn(request) ?? null,
      secretOrKeyProvider: keysOf(tokens),
      algorithms: ['ES256', 'RS256', 'PS256', 'HS256'],
      // The times are checked in validate(), by the store's clock and the tolerance of the options.
      ignoreExpiration: true,
      jsonWebTokenOptions: { ignoreNotBefore: true },
    } satisfies StrategyOptionsWithoutRequest);
    if (cookies?.inUse) this.cookies = cookies;
  }

  /**
   * The access token that a request carries: the bearer, or the cookie where a client uses cookies.
   * @throws AuthError `invalid_request`, or `forbidden` for a cookie on a call from a foreign page
   */
  tokenIn(request: IncomingRequest): string | undefined {
    return extractBearer(request) ?? this.cookies?.accessToken(request);
  }

  /** @throws AuthError for claims or times that do not hold */
  validate(payload: unknown): AccessTokenClaims {
    return this.tokens.accept(payload);
  }

  /** Not in onModuleDestroy: Nest calls that while requests are still being answered. */
  onApplicationShutdown(): void {
    this.getPassportInstance().unuse(this.name);
  }
}

/** Called before the signature is checked: the form of the token is, here, and its key is found. */
const keysOf =
  (tokens: AccessTokenVerifier): SecretOrKeyProvider =>
  (_request: unknown, token: string, done) => {
    const give = (key: unknown): void => done(null, key as string);
    try {
      const key = tokens.keyOf(token);
      if (!(key instanceof Promise)) give(key.verificationKey);
      else key.then(({ verificationKey }) => give(verificationKey), done);
    } catch (error) {
      done(error);
    }
  };
