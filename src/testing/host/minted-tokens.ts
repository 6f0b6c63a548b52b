import { randomUUID } from 'node:crypto';
import { AUTH_POLICY, AuthClock, KeyRing, SessionService, generateKeys, type AuthPolicy } from '../../index.js';
import { parseKeyRing, signClaims } from '../../internal.js';
import { signedIn } from './signed-in.js';
import { claimsOf, lifeOf, partOf, subOf, type ApplicationUnderTest, type TestUser } from './test-user.js';

/** Access tokens that an application must refuse. Each call makes another one. */
export interface MintedTokens {
  /** Rightly signed, and over for an hour: `token_expired`. */
  expired(user?: TestUser): string;
  /** Signed with a key that is not the application's: `token_invalid`. */
  foreign(user?: TestUser): string;
  /** Of a session that was ended: `session_revoked`. */
  revoked(user?: TestUser): Promise<string>;
  /** A good token whose `sub` was changed afterwards: `token_invalid`. */
  tampered(user?: TestUser): string;
}

/**
 * Makes the tokens that tests of a refusal need.
 *
 * @example
 * ```ts
 * const tokens = mintedTokens(app);
 * await request(server).get('/orders').set('authorization', `Bearer ${tokens.expired()}`).expect(401);
 * ```
 */
export function mintedTokens(app: ApplicationUnderTest): MintedTokens {
  const policy = app.get<AuthPolicy>(AUTH_POLICY, { strict: false });
  const clock = partOf(app, AuthClock);
  const ring = partOf(app, KeyRing);
  const claims = (user: TestUser, issuedAt: number) => ({
    ...claimsOf(user),
    ...registeredClaims(policy, user, issuedAt, lifeOf(policy, user)),
  });
  const now = () => Math.floor(clock.now() / 1000);
  return {
    expired(user = {}) {
      return signClaims(claims(user, now() - lifeOf(policy, user) - 3600), ring.active('access', clock.now()));
    },
    foreign(user = {}) {
      const foreign = parseKeyRing(generateKeys(policy.algorithm), policy.algorithm, ['access']);
      return signClaims(claims(user, now()), foreign.active('access', clock.now()));
    },
    async revoked(user = {}) {
      const { sid, sub, accessToken } = await signedIn(app, user);
      await partOf(app, SessionService).revoke(sub, sid);
      return accessToken;
    },
    tampered(user = {}) {
      const token = signClaims(claims(user, now()), ring.active('access', clock.now()));
      const [header, , signature] = token.split('.');
      const changed = { ...claims(user, now()), sub: `${subOf(user)}-and-somebody-else` };
      return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
    },
  };
}

/**
 * @param issuedAt whole seconds
 * @param life whole seconds
 */
export function registeredClaims(
  { issuer, audience }: Pick<AuthPolicy, 'issuer' | 'audience'>,
  user: TestUser,
  issuedAt: number,
  life: number,
): Record<string, unknown> {
  return {
    iss: issuer,
    aud: audience,
    sub: subOf(user),
    client_id: user.client ?? 'default',
    iat: issuedAt,
    exp: issuedAt + life,
    jti: randomUUID(),
    sid: randomUUID(),
    auth_time: user.authTime ?? issuedAt,
    gen: 0,
    claims_at: issuedAt * 1000,
  };
}
