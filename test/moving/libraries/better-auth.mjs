import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { Browser, startHost } from './host.mjs';
import { playStories } from './stories.mjs';

const COOKIE = 'better-auth.session_token';

/** @param guide what docs/moving-in.md shows, compiled */
export async function play({ redisUrl, guide }) {
  const database = { user: [], session: [], account: [], verification: [], rateLimit: [] };
  const auth = betterAuth({
    baseURL: 'http://localhost:3000',
    secret: 'the former secret of better-auth, long enough',
    database: memoryAdapter(database),
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    trustedOrigins: ['*'],
    telemetry: { enabled: false },
  });
  const start = (share) =>
    startHost({
      redisUrl,
      legacy: guide.formerSessions(auth, share),
      configure: (app) => {
        app.use('/api/auth', (request, response) => toNodeHandler(auth)(request, response));
        app.use(
          guide.moveSessions(app, {
            sessionOf: async ({ headers }) => {
              const found = await auth.api.getSession({ headers: new Headers({ cookie: headers.cookie ?? '' }) });
              return found?.session.token;
            },
            clear: (response) => response.clearCookie(COOKIE),
          }),
        );
      },
    });
  let users = 0;
  const login = async ({ url }) => {
    const browser = new Browser();
    const body = { email: `user-${++users}@shop.example`, password: 'correct horse battery', name: 'Ann' };
    const { status, text } = await browser.ask(`${url}/api/auth/sign-up/email`, { method: 'POST', body });
    if (status !== 200) throw new Error(`sign-up: ${status} ${text}`);
    for (const session of database.session) session.createdAt = new Date(Date.now() - 60_000);
    return browser;
  };
  await playStories({ start, login, former: COOKIE });
}
