/**
 * Whether a login is recent enough (RFC 9470). Pure. A token that does not say when its login was is never recent; a
 * login from the future, by a clock that is ahead, has no age.
 *
 * @param authTime `auth_time` of the token, whole seconds
 * @param maxAge seconds
 * @param now milliseconds
 */
export const isRecentAuth = (authTime: unknown, maxAge: number, now: number): boolean =>
  Number.isSafeInteger(authTime) && now - (authTime as number) * 1000 <= maxAge * 1000;
