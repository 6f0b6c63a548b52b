import type { AuthModuleOptions, ReadLegacyToken } from 'keyturn';

/** The part of `betterAuth({ … })` that is used here. */
interface BetterAuth {
  $context: Promise<{
    internalAdapter: {
      findSession(token: string): Promise<{
        session: { createdAt: Date; expiresAt: Date };
        user: { id: string };
      } | null>;
    };
  }>;
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** Sessions of better-auth, by the token in its cookie. */
export function formerSessions(auth: BetterAuth, share = 1): AuthModuleOptions['legacy'] {
  const read: ReadLegacyToken = async (token) => {
    const { internalAdapter } = await auth.$context;
    const found = await internalAdapter.findSession(token);
    if (!found) return null;
    const { session, user } = found;
    const issuedAt = seconds(session.createdAt);
    return { sub: user.id, issuedAt, authTime: issuedAt, expiresAt: seconds(session.expiresAt), clientId: 'web' };
  };
  const until = '2099-01-01T00:00:00Z';
  return { accessTokens: { verify: read, until }, refreshTokens: { redeem: read, share, until } };
}
