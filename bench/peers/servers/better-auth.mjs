import { createHmac, randomUUID } from 'node:crypto';
import { load } from './peer.mjs';

/**
 * better-auth with its sessions in Redis by its own storage, as https://better-auth.com/docs/concepts/database#secondary-storage
 * has it. Users are in memory, which is faster than any database. Rate limits are off, since one address asks for all.
 *
 * @param options.refreshes whether each request extends its session and gets a new JWT: `updateAge: 0` of
 * https://better-auth.com/docs/concepts/session-management and the header `set-auth-jwt` of
 * https://better-auth.com/docs/plugins/jwt are what comes nearest to a refresh
 * @param options.cookieCache the signed copy of the session in a cookie, which saves asking Redis (same page)
 */
export async function openBetterAuth({ redis: url, sessions, refreshes = false, cookieCache = false }) {
  const [{ betterAuth }, { redisStorage }, { memoryAdapter }, { jwt }, { Redis }] = await Promise.all(
    ['better-auth', '@better-auth/redis-storage', 'better-auth/adapters/memory', 'better-auth/plugins', 'ioredis'].map(
      load,
    ),
  );
  const secret = 'the-secret-of-a-benchmark-32-characters';
  const auth = betterAuth({
    baseURL: 'http://127.0.0.1',
    secret,
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] }),
    secondaryStorage: redisStorage({ client: new Redis(url) }),
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    session: { ...(refreshes && { updateAge: 0 }), cookieCache: { enabled: cookieCache, maxAge: 3600 } },
    plugins: refreshes ? [jwt({ jwks: { keyPairConfig: { alg: 'ES256' } } })] : [],
  });
  const { internalAdapter } = await auth.$context;
  const cookies = [];
  for (let index = 0; index < sessions; index++) {
    const user = await internalAdapter.createUser({
      email: `${randomUUID()}@example.com`,
      name: 'Ada',
      emailVerified: true,
    });
    const { token } = await internalAdapter.createSession(user.id);
    const mac = createHmac('sha256', secret).update(token).digest('base64');
    const cookie = `better-auth.session_token=${encodeURIComponent(`${token}.${mac}`)}`;
    cookies.push(cookieCache ? await withCache(auth, cookie) : cookie);
  }
  return { auth, cookies };
}

/** The cookies of a browser that has asked once. */
async function withCache(auth, cookie) {
  const answer = await auth.api.getSession({ headers: new Headers({ cookie }), asResponse: true });
  const set = answer.headers.getSetCookie().map((line) => line.split(';')[0]);
  if (set.length === 0) throw new Error('better-auth set no cookie for its cache');
  return [cookie, ...set.filter((line) => !line.startsWith('better-auth.session_token='))].join('; ');
}
