import 'reflect-metadata';
import { createHmac, randomUUID } from 'node:crypto';
import { Controller, Get, UnauthorizedException, UseGuards } from '@nestjs/common';
import { config, decorate, serve } from '../../servers/served.mjs';
import { openBetterAuth } from './better-auth.mjs';
import { load } from './peer.mjs';

// The route of bench/servers/guard.mjs, behind a peer: a guard of Nest that asks it.
class HelloController {
  hello() {
    return { hello: 'world' };
  }
}
Controller()(HelloController);

/** @param check says who is asking, or nothing */
const guardBy = (check) => ({
  async canActivate(context) {
    const request = context.switchToHttp().getRequest();
    request.user = await check(request);
    if (!request.user) throw new UnauthorizedException();
    return true;
  },
});

/**
 * A verifier made once with the key, as https://github.com/nearform/fast-jwt#createverifier has it. `cached` is its own
 * cache with room for all tokens; its keys are hashed, which is its default.
 */
async function fastJwt({ algorithm, secret, publicKey, issuer, cached }) {
  const { createVerifier } = await load('fast-jwt');
  const key = algorithm === 'HS256' ? secret : publicKey;
  const cache = cached ? 20_000 : false;
  const verify = createVerifier({ key, algorithms: [algorithm], allowedIss: issuer, allowedAud: issuer, cache });
  const check = ({ headers }) => {
    try {
      return verify(headers.authorization.slice('Bearer '.length));
    } catch {
      return undefined;
    }
  };
  return { guard: guardBy(check) };
}

/** `getSession` with the headers of the request, as https://better-auth.com/docs/integrations/fastify has it. */
async function betterAuth(options) {
  const { auth, cookies } = await openBetterAuth(options);
  const { fromNodeHeaders } = await load('better-auth/node');
  return { guard: guardBy(({ headers }) => auth.api.getSession({ headers: fromNodeHeaders(headers) })), cookies };
}

/**
 * express-session with connect-redis, configured as its readme says: https://github.com/tj/connect-redis#api. A session is
 * read for each request, and its time is renewed.
 */
async function expressSession({ redis: url, sessions }) {
  const [{ default: session }, { RedisStore }, { createClient }] = await Promise.all(
    ['express-session', 'connect-redis', 'redis'].map(load),
  );
  const client = createClient({ url });
  await client.connect();
  const store = new RedisStore({ client, prefix: 'sess:' });
  const secret = 'the-secret-of-a-benchmark';
  const cookies = [];
  for (let index = 0; index < sessions; index++) {
    const sid = randomUUID();
    await store.set(sid, { cookie: new session.Cookie(), user: { id: randomUUID(), roles: ['user'] } });
    const mac = createHmac('sha256', secret).update(sid).digest('base64').replace(/=+$/, '');
    cookies.push(`connect.sid=${encodeURIComponent(`s:${sid}.${mac}`)}`);
  }
  const middleware = session({ store, resave: false, saveUninitialized: false, secret });
  return { guard: guardBy(({ session: { user } }) => user), cookies, configure: (app) => app.use(middleware) };
}

const { guard, cookies = [], configure } = await { fastJwt, betterAuth, expressSession }[config.peer](config);
decorate(HelloController, 'hello', Get(), UseGuards(guard));
await serve({ controllers: [HelloController] }, async () => ({ cookies }), configure);
