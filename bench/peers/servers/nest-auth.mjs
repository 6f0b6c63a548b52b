import { randomBytes, randomUUID } from 'node:crypto';
import { config, decorate, tellReady } from '../../servers/asked.mjs';
import { load } from './peer.mjs';

/*
 * @ackplus/nest-auth as https://ack-solutions.github.io/nest-auth/docs/getting-started/setup-checklist/ sets it up, for
 * tokens in the header: its module, TypeORM on PostgreSQL with a pool, events, its exception filter, and a pipe that
 * validates. Cookies, CORS, Helmet and Swagger are left out, as in all other servers here. Sessions are in Redis, which
 * https://ack-solutions.github.io/nest-auth/docs/production/scaling/ names as the faster store. No mail is sent, since
 * nothing listens to its events; nothing is logged, and rate limits are off, as is its default.
 */
const [common, { NestFactory }, { EventEmitterModule }, { TypeOrmModule }, nestAuth] = await Promise.all(
  ['@nestjs/common', '@nestjs/core', '@nestjs/event-emitter', '@nestjs/typeorm', '@ackplus/nest-auth'].map(load),
);
const { Body, Controller, Get, HttpCode, Post, ValidationPipe } = common;
const { Auth, AuthExceptionFilter, NestAuthEntities, NestAuthModule, SessionStorageType } = nestAuth;

/** A guarded route, and open ones in the same application. */
class HelloController {
  hello() {
    return { hello: 'world' };
  }

  open() {
    return { hello: 'world' };
  }

  empty() {
    return {};
  }
}
Controller()(HelloController);
decorate(HelloController, 'hello', Get(), Auth());
decorate(HelloController, 'open', Get('open'));
decorate(HelloController, 'empty', Post('open'), HttpCode(200));
Body()(HelloController.prototype, 'empty', 0);

const secretOf = () => randomBytes(32).toString('hex');
const imports = [
  EventEmitterModule.forRoot(),
  // `synchronize` makes the tables at the start, as migrations would have done before.
  TypeOrmModule.forRoot({ type: 'postgres', url: config.postgres, entities: NestAuthEntities, synchronize: true }),
  TypeOrmModule.forFeature(NestAuthEntities),
  NestAuthModule.forRoot({
    appName: 'a benchmark',
    session: {
      storageType: SessionStorageType.REDIS,
      redis: { url: config.redis, enableOfflineQueue: false, maxRetriesPerRequest: 3 },
      accessTokenType: 'header',
      jwt: { secret: secretOf() },
    },
    // It warns when there is no secret, even for a console that is off.
    adminConsole: { enabled: false, secretKey: secretOf() },
  }),
];

const module = { module: function AppModule() {}, imports, controllers: [HelloController] };
const app = await NestFactory.create(module, { logger: ['error'] });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
app.useGlobalFilters(new AuthExceptionFilter());
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address();

/** A new user with a session, by the call that its clients make. */
async function signUp() {
  const answer = await fetch(`http://127.0.0.1:${port}/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${randomUUID()}@example.com`, password: randomUUID() }),
  });
  if (!answer.ok) throw new Error(`signup answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

const tokens = await Promise.all(Array.from({ length: config.sessions }, signUp));
tellReady({
  port,
  accessTokens: tokens.map(({ accessToken }) => accessToken),
  refreshTokens: tokens.map(({ refreshToken }) => refreshToken),
});
