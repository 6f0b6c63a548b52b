import { randomUUID } from 'node:crypto';
import {
  AccessTokenVerifier,
  AUTH_POLICY,
  AuthClock,
  JwtStrategy,
  TokenCookies,
  type AccessTokenClaims,
  type AuthPolicy,
} from '../../index.js';
import { VerifiedTokenCache } from '../../internal.js';
import { claimsOf, lifeOf, subOf, type TestUser } from './test-user.js';

/** As far as it is used here, `TestingModuleBuilder` of `@nestjs/testing`. */
export interface BuilderUnderTest {
  /** As in `TestingModuleBuilder` of `@nestjs/testing`. */
  overrideProvider(token: unknown): {
    useValue(value: unknown): unknown;
    useFactory(options: { factory: (...parts: never[]) => unknown; inject?: unknown[] }): unknown;
  };
}

/** Who sends the requests that carry no token. */
export interface OverriddenAuth {
  /** From now on this user. */
  as(user: TestUser): void;
  /** From now on nobody. */
  signOut(): void;
}

/** Stands for the token of the test's user. It never leaves the process. */
const STAND_IN = 'the token of overrideAuth() of keyturn/testing';

/**
 * Every request without a token is the user's, however routes are guarded: `@UseGuards(JwtAuthGuard)`,
 * `guard: 'global'`, or a resource server. Roles, scopes, recent login and revocation are checked as ever, so a user
 * without a role is refused where one is required. A request that brings a token is judged by it.
 *
 * There is no session behind it: a route with `@RequireLiveSession()` refuses it. Use {@link signedIn} there.
 *
 * @example
 * ```ts
 * const builder = Test.createTestingModule({ imports: [AppModule] });
 * const auth = overrideAuth(builder, { sub: 'ada', roles: ['admin'] });
 * const app = (await builder.compile()).createNestApplication();
 * auth.as({ sub: 'bob' });
 * ```
 */
export function overrideAuth(builder: BuilderUnderTest, user?: TestUser): OverriddenAuth {
  let present = user;
  let since: number | undefined;
  const sid = randomUUID();
  const claims = (policy: AuthPolicy, clock: AuthClock): AccessTokenClaims => {
    const now = Math.floor(clock.now() / 1000);
    since ??= now;
    return {
      ...claimsOf(present!),
      iss: policy.issuer,
      aud: policy.audience,
      sub: subOf(present!),
      client_id: present!.client ?? 'default',
      iat: now,
      exp: now + lifeOf(policy, present!),
      jti: randomUUID(),
      sid,
      auth_time: present!.authTime ?? since,
      gen: 0,
      claims_at: clock.now(),
    };
  };
  builder.overrideProvider(JwtStrategy).useFactory({
    inject: [AccessTokenVerifier, { token: TokenCookies, optional: true }],
    factory: (verifier: AccessTokenVerifier, cookies?: TokenCookies) =>
      new StrategyWithStandIn(verifier, cookies, () => present !== undefined),
  });
  builder.overrideProvider(VerifiedTokenCache).useFactory({
    inject: [AUTH_POLICY, AuthClock],
    factory: (policy: AuthPolicy, clock: AuthClock) =>
      new CacheWithStandIn(policy.tokenCache.max, () => claims(policy, clock)),
  });
  return {
    as: (next) => {
      present = next;
      since = undefined;
    },
    signOut: () => (present = undefined),
  };
}

class StrategyWithStandIn extends JwtStrategy {
  constructor(
    verifier: AccessTokenVerifier,
    cookies: TokenCookies | undefined,
    private readonly hasUser: () => boolean,
  ) {
    super(verifier, cookies);
  }

  override tokenIn(request: Parameters<JwtStrategy['tokenIn']>[0]): string | undefined {
    return super.tokenIn(request) ?? (this.hasUser() ? STAND_IN : undefined);
  }
}

/** Knows the stand-in as a token that was verified before, so all that is asked of such a token is asked of it. */
class CacheWithStandIn extends VerifiedTokenCache {
  constructor(
    max: number,
    private readonly claims: () => AccessTokenClaims,
  ) {
    super(max);
  }

  override get(token: string, now: number): AccessTokenClaims | undefined {
    return token === STAND_IN ? this.claims() : super.get(token, now);
  }
}
