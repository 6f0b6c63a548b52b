import type { AccessTokenClaims, AuthUser, LoadUser } from '../auth.claims.js';
import { AuthError } from '../auth.errors.js';
import { askHost } from '../auth.host-call.js';
import { setUser } from '../transport/request-context.js';

/**
 * What the host knows of the user of a token, by the option `loadUser`.
 * @throws AuthError `token_invalid` where there is no such user; 503 where the host cannot tell, which ends no session
 */
async function loadedUser(loadUser: LoadUser, claims: AccessTokenClaims): Promise<unknown> {
  const user = await askHost(
    'loadUser',
    () => loadUser(claims as AuthUser),
    (why) => new AuthError('temporarily_unavailable', 'The user cannot be loaded now. Try again.', why),
  );
  if (user === null || user === undefined) throw new AuthError('token_invalid', 'The user of the token is gone.');
  return user;
}

/**
 * Puts the user of {@link loadedUser} at `request.user` once the message is admitted.
 * @throws AuthError why it is not, or what {@link loadedUser} throws
 */
export async function withLoadedUser(
  admitted: true | Promise<true>,
  claims: AccessTokenClaims,
  carrier: object,
  loadUser: LoadUser,
): Promise<true> {
  await admitted;
  setUser(carrier, claims, await loadedUser(loadUser, claims));
  return true;
}
