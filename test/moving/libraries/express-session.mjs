import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { Redis } from 'ioredis';
import { Browser, startHost } from './host.mjs';
import { playStories } from './stories.mjs';

/** @param guide what docs/moving-in.md shows, compiled */
export async function play({ redisUrl, guide }) {
  const redis = new Redis(redisUrl);
  const secret = 'the former secret of session cookies';
  let users = 0;

  const start = (share) =>
    startHost({
      redisUrl,
      legacy: guide.formerSessions(redis, share),
      configure: (app) => {
        app.use(session({ store: new RedisStore({ client: redis }), secret, resave: false, saveUninitialized: false }));
        app.use('/former-login', (request, response) => {
          request.session.user = { id: ++users, roles: ['buyer'], loggedInAt: Math.floor(Date.now() / 1000) - 60 };
          response.end('welcome');
        });
        app.use(
          guide.moveSessions(app, {
            sessionOf: ({ session: former }) => former.user && former.id,
            clear: (response) => response.clearCookie('connect.sid'),
          }),
        );
      },
    });
  const login = async ({ url }) => {
    const browser = new Browser();
    await browser.ask(`${url}/former-login`, { method: 'POST' });
    return browser;
  };
  try {
    await playStories({ start, login, former: 'connect.sid' });
  } finally {
    redis.disconnect();
  }
}
