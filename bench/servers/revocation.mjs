import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { config, decorate, serve } from './served.mjs';

// A guarded route and the session routes, on Redis or alone; with sessions to end, or with so many ended already.
const library = await import(new URL('index.js', config.build).href);
const { AuthModule, InMemoryTokenRepositoryModule, JwtAuthGuard, RedisTokenRepositoryModule } = library;
const AT_ONCE = 1_000;

class HelloController {
  hello() {
    return { hello: 'world' };
  }
}
Controller()(HelloController);
decorate(HelloController, 'hello', Get(), UseGuards(JwtAuthGuard));

async function open(app, count) {
  const sessions = app.get(library.SessionService);
  const tokens = [];
  for (let n = 0; n < count; n++) tokens.push((await sessions.open({ sub: randomUUID() })).accessToken);
  return tokens;
}

const ended = () => ({
  kind: 'session',
  sub: randomUUID(),
  sid: randomBytes(16).toString('base64url'),
  reason: 'session_revoked',
});

async function revoke(app, count) {
  const feed = app.get(library.RevocationPublisher);
  for (let done = 0; done < count; done += AT_ONCE)
    await feed.publish(Array.from({ length: Math.min(AT_ONCE, count - done) }, ended));
}

const { issuer, keys, redis: url, sessions = 0, revoked = 0 } = config;
const store = url
  ? RedisTokenRepositoryModule.forRoot({ url, commandTimeout: '5s' })
  : InMemoryTokenRepositoryModule.forRoot();
const auth = AuthModule.forRoot({ issuer, keys, store, routes: { path: 'auth' } });
await serve({ controllers: [HelloController], imports: [auth] }, async (app) => {
  await revoke(app, revoked);
  return { tokens: await open(app, sessions) };
});
