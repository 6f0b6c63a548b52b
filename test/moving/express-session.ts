import type { AuthModuleOptions, ReadLegacyToken } from 'keyturn';

/** What your login has put into `request.session`. */
interface FormerSession {
  user?: { id: number; roles: string[]; loggedInAt: number };
}

/** Sessions of express-session in the Redis of connect-redis. */
export function formerSessions(
  redis: { get(key: string): Promise<string | null> },
  share = 1,
): AuthModuleOptions['legacy'] {
  const read: ReadLegacyToken = async (id) => {
    const { user } = JSON.parse((await redis.get(`sess:${id}`)) ?? '{}') as FormerSession;
    if (!user) return null;
    const { roles, loggedInAt } = user;
    return { sub: String(user.id), claims: { roles }, issuedAt: loggedInAt, authTime: loggedInAt, clientId: 'web' };
  };
  const until = '2099-01-01T00:00:00Z';
  return { accessTokens: { verify: read, until }, refreshTokens: { redeem: read, share, until } };
}
