/** What is read of an access token, without verifying it: only to compare two tokens of one session. */
type AccessClaims = Partial<Record<'sid' | 'exp' | 'auth_time' | 'claims_at', string | number>>;

function claimsOf(token: string | undefined): AccessClaims {
  try {
    return JSON.parse(atob(token!.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/'))) as AccessClaims;
  } catch {
    return {};
  }
}

/**
 * Whether a renewed token may take the place of the one at hand: of the same session, with a later end, and not from
 * before a reauthentication or a change of claims, as the answer of a straggler would be.
 */
export function mayReplace(held: string | undefined, renewed: string): boolean {
  const [old, next] = [claimsOf(held), claimsOf(renewed)];
  return (
    next.sid === old.sid &&
    next.exp! > old.exp! &&
    next.auth_time! >= old.auth_time! &&
    next.claims_at! >= old.claims_at!
  );
}
