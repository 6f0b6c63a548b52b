import { createPrivateKey } from 'node:crypto';
import { Controller, Get, Post } from '@nestjs/common';
import {
  AccessTokenService,
  CurrentSession,
  CurrentUser,
  generateKeys,
  OptionalAuth,
  Public,
  RedisRevocationFeedModule,
  ResourceServerModule,
  SessionService,
  SlidingSession,
  TokenRepository,
  type AuthSession,
  type AuthUser,
  type PrivateKeySet,
  type TokenAnswer,
} from '../../src/index.js';
import { KeyRing } from '../../src/tokens/key-ring.js';
import { ADAPTERS, readToken, startApp, type RunningApp } from '../support/adapters.js';
import { eventually } from '../support/eventually.js';
import { byEs256, forge } from '../support/forged-tokens.js';
import { giving, openDoor, passTo, type FrontDoor } from '../support/front-door.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startService, type RunningService } from '../support/service.js';

@Controller('cart')
class CartController {
  @Get()
  view(@CurrentUser() user: AuthUser<{ roles: string[] }>, @CurrentSession() session: AuthSession) {
    return { sub: user.sub, roles: user.roles, session: session.id };
  }

  @SlidingSession()
  @Post('items')
  add() {
    return { added: true };
  }

  @Public()
  @Get('products')
  products() {
    return ['a teapot'];
  }

  @OptionalAuth()
  @Get('greeting')
  greeting(@CurrentUser('sub') sub?: string) {
    return { hello: sub ?? 'stranger' };
  }
}

const ISSUER = 'https://auth.shop.example';
const JWKS = 'GET /.well-known/jwks.json';
const RENEW = 'POST /auth/renew';
const account = { email: 'ada@shop.example', password: 'correct horse battery' };

let redis: RedisServer;
let service: RunningService;
let door: FrontDoor;
let keys: PrivateKeySet;
const apps: RunningApp[] = [];

/** A token as the service might have made it: signed by its key, or by another. */
function likeIts(token: string, claims: object, key = keys.keys[0]!): string {
  const signer = byEs256(createPrivateKey({ key, format: 'jwk' }));
  return forge({ ...readToken(token, 0), kid: key.kid }, { ...readToken(token), ...claims }, signer);
}

/** The same token, a minute older: renewing it is due. */
const aged = (token: string): string =>
  likeIts(token, { iat: Number(readToken(token).iat) - 60, exp: Number(readToken(token).exp) - 60 });

const resourceServer = () =>
  ResourceServerModule.forRootAsync({
    guard: 'global',
    feed: RedisRevocationFeedModule.forRootAsync({ useFactory: () => ({ url: redis.url }) }),
    useFactory: () => ({
      issuer: ISSUER,
      jwksUri: `${door.url}/.well-known/jwks.json`,
      renewUrl: `${door.url}/auth/renew`,
      sliding: { renewAfter: 0 },
      revocation: { maxStaleness: '5m' },
    }),
  });

async function logIn(): Promise<TokenAnswer & { access_token: string }> {
  return (await service.call('/auth/login', { body: account })).body as TokenAnswer & { access_token: string };
}

const codesOf = (token: string, call = 'GET /cart') =>
  Promise.all(
    apps.map(async ({ ask }) => {
      const { status, json } = await ask(call, { token });
      return status < 400 ? String(status) : `${status} ${String(json().code)}`;
    }),
  );

beforeAll(async () => {
  redis = await startRedis();
  keys = generateKeys();
  service = await startService({
    AUTH_ISSUER: ISSUER,
    AUTH_KEYS: JSON.stringify(keys),
    REDIS_URL: redis.url,
    SLIDING_RENEW_AFTER: '0',
    REVOCATION_MAX_STALENESS: '5m',
  });
  await service.call('/auth/register', { body: account });
});
beforeEach(async () => {
  door = await openDoor(passTo(service.url));
});
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  await door.close();
});
afterAll(async () => {
  await service.stop();
  await redis.stop();
});

const start = async () => {
  const started = ADAPTERS.map((adapter) =>
    startApp(adapter, { imports: [resourceServer()], controllers: [CartController] }),
  );
  apps.push(...(await Promise.all(started)));
};

describe('resource servers on Express and on Fastify, beside the service', () => {
  beforeEach(start);

  it('let in whom the service has let in, with claims and session, for one request of the keys each at their start', async () => {
    const { access_token: token, session_id: session } = await logIn();
    for (const { ask } of apps) {
      expect((await ask('GET /cart', { token })).json()).toEqual({
        sub: readToken(token).sub,
        roles: readToken(token).roles,
        session,
      });
      expect((await ask('GET /cart/greeting', { token })).json()).toEqual({ hello: readToken(token).sub });
      expect((await ask('GET /cart/greeting')).json()).toEqual({ hello: 'stranger' });
      expect((await ask('GET /cart/products')).status).toBe(200);
      expect((await ask('GET /cart')).headers['www-authenticate']).toBe(`Bearer realm="${ISSUER}"`);
    }
    expect(door.seen).toEqual([JWKS, JWKS]);
  });

  it('refuse a session that was logged out at the service, with its reason', async () => {
    const { access_token: token } = await logIn();
    expect(await codesOf(token)).toEqual(['200', '200']);
    expect((await service.call('/auth/logout', { method: 'POST', token })).status).toBe(204);
    await eventually(async () => (await codesOf(token)).every((code) => code === '401 session_revoked'));
  });

  it('go on while the service is away, and tell its tokens from garbage', async () => {
    const [seen, unseen] = [await logIn(), await logIn()];
    await codesOf(seen.access_token);
    door.shut();
    expect(await codesOf(seen.access_token)).toEqual(['200', '200']);
    expect(await codesOf(unseen.access_token)).toEqual(['200', '200']);
    expect(await codesOf('a.b.c')).toEqual(['401 token_invalid', '401 token_invalid']);
  });

  it('learn a new key by one request each', async () => {
    const { access_token: token } = await logIn();
    const next = generateKeys().keys[0]!;
    const published = [...keys.keys.slice(0, 1), next].map(({ d: _, purpose: __, ...publicJwk }) => publicJwk);
    door.answer(giving({ keys: published }));
    door.seen.length = 0;
    const newer = likeIts(token, {}, next);
    await eventually(async () => (await codesOf(newer)).every((code) => code === '200'));
    expect(await codesOf(token)).toEqual(['200', '200']);
    expect(door.seen).toEqual([JWKS, JWKS]);
  });

  it('make no flood of requests from a flood of unknown kids', async () => {
    const { access_token: token } = await logIn();
    const [key] = keys.keys;
    const garbage = Array.from({ length: 300 }, (_, index) => likeIts(token, {}, { ...key!, kid: `k${index}` }));
    const started = performance.now();
    for (let from = 0; from < garbage.length; from += 50) {
      const codes = (await Promise.all(garbage.slice(from, from + 50).map((one) => codesOf(one)))).flat();
      expect(codes.filter((code) => !['401 token_invalid', '401 token_expired'].includes(code))).toEqual([]);
    }
    const coolDowns = Math.ceil((performance.now() - started) / 5_000);
    expect(door.seen.filter((call) => call === JWKS).length).toBeLessThanOrEqual(2 + 2 * coolDowns);
    expect(await codesOf(token)).toEqual(['200', '200']);
  });

  it('pass a renewed token on, which is asked for once for each token', async () => {
    const token = aged((await logIn()).access_token);
    for (const { ask } of apps) {
      door.seen.length = 0;
      let renewed: string | undefined;
      let expiresIn: string | undefined;
      await eventually(async () => {
        const { status, headers } = await ask('POST /cart/items', { token });
        expect(status).toBe(201);
        renewed = headers['renewed-access-token'] as string | undefined;
        expiresIn = headers['renewed-access-token-expires-in'] as string | undefined;
        return renewed !== undefined;
      });
      expect(readToken(renewed!)).toMatchObject({ sid: readToken(token).sid, sub: readToken(token).sub });
      expect(readToken(renewed!).jti).not.toBe(readToken(token).jti);
      expect(Number(expiresIn)).toBeGreaterThan(1_700);
      const calls = door.seen.length;
      const again = await Promise.all(Array.from({ length: 10 }, () => ask('POST /cart/items', { token })));
      expect(new Set(again.map(({ headers }) => headers['renewed-access-token']))).toEqual(new Set([renewed]));
      expect(door.seen).toHaveLength(calls);
      expect((await ask('GET /cart', { token: renewed })).status).toBe(200);
    }
  });

  it('answer without a renewal while the service is away, and do not knock again at once', async () => {
    const token = aged((await logIn()).access_token);
    door.seen.length = 0;
    door.shut();
    const started = performance.now();
    for (const { ask } of apps) {
      for (let time = 0; time < 3; time++) {
        const { status, headers } = await ask('POST /cart/items', { token });
        expect([status, headers['renewed-access-token']]).toEqual([201, undefined]);
      }
    }
    const coolDowns = Math.ceil((performance.now() - started) / 5_000);
    expect(door.seen.filter((call) => call === RENEW).length).toBeLessThanOrEqual(2 * coolDowns);
  });

  it('hold no key that signs and no store', () => {
    for (const { app } of apps) {
      for (const token of [KeyRing, AccessTokenService, SessionService, TokenRepository]) {
        expect(() => app.get<unknown>(token, { strict: false })).toThrow();
      }
    }
  });
});

describe('resource servers whose auth service is away at their start', () => {
  it('start, answer 503 to tokens they cannot check yet, and let them in once the keys are there', async () => {
    door.shut();
    await start();
    const { access_token: token } = await logIn();
    for (const { ask } of apps) {
      const answer = await ask('GET /cart', { token });
      expect([answer.status, answer.json().code]).toEqual([503, 'temporarily_unavailable']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect((await ask('GET /cart', { token: 'garbage' })).status).toBe(401);
      expect((await ask('GET /cart/products')).status).toBe(200);
    }
    door.answer(passTo(service.url));
    await eventually(async () => (await codesOf(token)).every((code) => code === '200'));
  });
});
