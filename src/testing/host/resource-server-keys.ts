import { generateKeys } from '../../index.js';
import { parseKeyRing, signClaims } from '../../internal.js';
import { registeredClaims } from './minted-tokens.js';
import { claimsOf, type TestUser } from './test-user.js';

/** Seconds that a token lives. */
const LIFE = 1800;

/** An auth service that consists of its keys. */
export interface ResourceServerKeys {
  /** For `ResourceServerModule.forRoot({ ...keys.options, guard: 'global' })`. */
  readonly options: {
    readonly issuer: string;
    readonly audience: string;
    /** Public keys, in place of `jwksUri`. */
    readonly keys: { readonly keys: readonly object[] };
  };
  /** An access token of the service. */
  token(user?: TestUser): string;
  /** `{ authorization: 'Bearer …' }` with an access token of the service. */
  headers(user?: TestUser): { readonly authorization: string };
}

/**
 * Keys and tokens for tests of an app that only verifies, without an auth service beside it.
 *
 * @param names default: issuer `https://auth.test`, audience `api`
 * @param now milliseconds since the epoch
 * @example
 * ```ts
 * const auth = resourceServerKeys({ audience: 'orders' });
 * const module = await Test.createTestingModule({
 *   imports: [ResourceServerModule.forRoot({ ...auth.options, guard: 'global' }), OrdersModule],
 * }).compile();
 * await request(server).get('/orders').set(auth.headers({ roles: ['clerk'] })).expect(200);
 * ```
 */
export function resourceServerKeys(
  { issuer = 'https://auth.test', audience = 'api' }: { readonly issuer?: string; readonly audience?: string } = {},
  now: () => number = Date.now,
): ResourceServerKeys {
  const ring = parseKeyRing(generateKeys(), 'ES256', ['access']);
  const policy = { issuer, audience: [audience] };
  const token = (user: TestUser = {}): string => {
    const claims = { ...claimsOf(user), ...registeredClaims(policy, user, Math.floor(now() / 1000), LIFE) };
    return signClaims(claims, ring.active('access', now()));
  };
  return {
    options: { issuer, audience, keys: { keys: ring.publicJwks(now()).keys } },
    token,
    headers: (user) => ({ authorization: `Bearer ${token(user)}` }),
  };
}
