import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type ExecutionContext, type OnApplicationShutdown } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { AuthError } from '../auth.errors.js';
import { AccessTokenService } from './access-token.service.js';
import type { AccessTokenClaims } from './claims-rules.js';
import { TokenVerifier } from './token-verifier.js';

/** What passport is given in place of a request, so that one strategy serves every kind of context. */
interface TokenCarrier {
  readonly token: string;
  user?: AccessTokenClaims;
}

interface PassportRegistry {
  use(name: string, strategy: object): void;
  unuse(name: string): void;
}

/**
 * The passport-jwt strategy behind the guard. passport is one object for the whole process, and two applications in it
 * that both registered `jwt` verified each other's tokens; so each module instance has a name of its own here, and
 * takes it back when it is destroyed.
 */
@Injectable()
export class JwtStrategy extends TokenVerifier implements OnApplicationShutdown {
  private readonly name = `keyturn-${randomUUID()}`;
  private readonly guard: InstanceType<ReturnType<typeof AuthGuard>>;
  private readonly passport: PassportRegistry;

  constructor(@Inject(AccessTokenService) tokens: AccessTokenService) {
    super();
    const strategy = new (accessTokenStrategy(this.name, tokens))();
    this.passport = (strategy as unknown as { getPassportInstance(): PassportRegistry }).getPassportInstance();
    this.guard = new (tokenGuard(this.name))();
  }

  /** Not in onModuleDestroy: Nest calls that while requests are still being answered. */
  onApplicationShutdown(): void {
    this.passport.unuse(this.name);
  }

  /**
   * Verifies an access token by passport-jwt, with Keyturn's rules around it.
   * @throws AuthError `token_invalid`; times are not looked at
   */
  async verify(token: string): Promise<AccessTokenClaims> {
    const carrier: TokenCarrier = { token };
    await this.guard.canActivate(carrier as unknown as ExecutionContext);
    return carrier.user!;
  }
}

function accessTokenStrategy(name: string, tokens: AccessTokenService) {
  return class extends PassportStrategy(Strategy, name) {
    constructor() {
      super({
        jwtFromRequest: (carrier: unknown) => (carrier as TokenCarrier).token,
        // Runs before any signature is looked at: the form and the key are checked here.
        secretOrKeyProvider: (_carrier: unknown, token: string, done: (error: unknown, key?: string) => void) => {
          try {
            done(null, tokens.keyOf(token).verificationKey as unknown as string);
          } catch (error) {
            done(error);
          }
        },
        algorithms: ['ES256', 'RS256', 'PS256', 'HS256'],
        ignoreExpiration: true,
        jsonWebTokenOptions: { ignoreNotBefore: true },
      });
    }

    override validate(payload: unknown): AccessTokenClaims {
      return tokens.acceptClaims(payload);
    }
  };
}

/** `AuthGuard` without its two habits that do not fit: it wants an HTTP context, and it throws the reason away. */
function tokenGuard(name: string) {
  return class extends AuthGuard(name) {
    override getRequest(carrier: ExecutionContext): TokenCarrier {
      return carrier as unknown as TokenCarrier;
    }

    getResponse(): object {
      return {};
    }

    override handleRequest<TUser>(error: unknown, user: TUser | false | null, info: unknown): TUser {
      if (user) return user;
      const reason = error ?? info;
      throw reason instanceof AuthError
        ? reason
        : new AuthError('token_invalid', 'The token has a wrong signature.', { cause: reason });
    }
  };
}
