import 'reflect-metadata';
import { createHash, createHmac, createPrivateKey, createSecretKey, randomBytes, randomUUID, sign } from 'node:crypto';
import { Body, Controller, HttpCode, Post, UnauthorizedException } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Redis } from 'ioredis';
import { config, decorate, serve } from './served.mjs';

const TWO_WEEKS = 14 * 24 * 3600;
const CHAINS = Array.from({ length: config.chains }, () => randomUUID());

/** A route of a host: a refresh as `refresh(body)` answers it. */
function routeOf(refresh) {
  class RefreshController {
    refresh(body) {
      return refresh(body);
    }
  }
  Controller('auth')(RefreshController);
  decorate(RefreshController, 'refresh', Post('refresh'), HttpCode(200));
  Body()(RefreshController.prototype, 'refresh', 0);
  return { controllers: [RefreshController] };
}

/** A route that takes the same body and does nothing. */
const empty = () => ({ module: routeOf(() => ({})), open: async () => [''] });

/**
 * What no refresh can do without, and nothing else: one script on Redis, the MAC of the token that came and of the next
 * one, and the signature of an access token. Arguments, answer and signed texts are as long as Keyturn's.
 */
function parts({ algorithm, keys, redis: url }) {
  const redis = new Redis(url);
  const script = `redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) return { redis.call('TIME')[1], ARGV[10], 0, 1 }`;
  redis.defineCommand('turn', { numberOfKeys: 1, lua: script });
  const [access, refresh] = keys.keys;
  const refreshKey = secretKey(refresh);
  const accessKey = accessKeyOf(algorithm, access);
  const mac = (key, text) => createHmac('sha256', key).update(text).digest('base64url');
  const signature =
    algorithm === 'HS256'
      ? (text) => mac(accessKey, text)
      : (text) =>
          sign('sha256', Buffer.from(text), { key: accessKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  const [refreshInput, accessInput] = ['r'.repeat(385), 'a'.repeat(555)];
  const sent = [...[16, 16, 1, 1, 1, 8, 10, 0, 0].map((length) => randomBytes(length)), randomBytes(50)];
  const chains = CHAINS.map((sub) => `parts:${sub.slice(0, 21)}`);
  let turn = 0;
  const module = routeOf(async () => {
    mac(refreshKey, refreshInput);
    await redis.turnBuffer(chains[turn++ % chains.length], ...sent);
    mac(refreshKey, refreshInput);
    signature(accessInput);
    return {};
  });
  return { module, open: async () => [''] };
}

const secretKey = ({ k }) => createSecretKey(Buffer.from(k, 'base64url'));
const accessKeyOf = (algorithm, key) =>
  algorithm === 'HS256' ? secretKey(key) : createPrivateKey({ key, format: 'jwk' });

/**
 * What a careful Nest team writes by hand: key objects, a refresh JWT that is used once, and in Redis the hash of the
 * one that is current. Two round trips; no grace, no reuse detection, no devices, no list.
 */
function handWritten({ algorithm, keys, redis: url, issuer }) {
  const redis = new Redis(url);
  const jwt = new JwtService({});
  const [access, refresh] = keys.keys;
  const refreshKey = secretKey(refresh);
  const accessKey = accessKeyOf(algorithm, access);
  const hash = (token) => createHash('sha256').update(token).digest('base64url');

  async function issue(sub) {
    const jti = randomUUID();
    const refreshToken = jwt.sign({ sub, jti }, { secret: refreshKey, algorithm: 'HS256', expiresIn: TWO_WEEKS });
    await redis.set(`refresh:${jti}`, hash(refreshToken), 'EX', TWO_WEEKS);
    const accessToken = jwt.sign(
      { sub, roles: ['user'] },
      { privateKey: accessKey, algorithm, expiresIn: 1800, issuer, audience: issuer },
    );
    return { access_token: accessToken, token_type: 'Bearer', expires_in: 1800, refresh_token: refreshToken };
  }

  const module = routeOf(async (body) => {
    let claims;
    try {
      claims = jwt.verify(body.refresh_token, { secret: refreshKey, algorithms: ['HS256'] });
    } catch {
      throw new UnauthorizedException();
    }
    const current = await redis.getdel(`refresh:${claims.jti}`);
    if (current !== hash(body.refresh_token)) throw new UnauthorizedException();
    return issue(claims.sub);
  });
  const open = () => Promise.all(CHAINS.map(async (sub) => (await issue(sub)).refresh_token));
  return { module, open };
}

async function keyturn({ build, algorithm, keys, redis: url, issuer, device }) {
  const { AuthModule, LoginLimits, RedisTokenRepositoryModule, SessionService } = await import(
    new URL('index.js', build).href
  );
  const store = RedisTokenRepositoryModule.forRoot({ url, commandTimeout: '5s' });
  // A chain here refreshes hundreds of times a second; builds of before have no such limit.
  const limits = LoginLimits ? { loginLimits: { refresh: '10000/1s' } } : {};
  const open = (app) =>
    Promise.all(
      CHAINS.map(
        async (sub) => (await app.get(SessionService).open({ sub, device, claims: config.claims })).refreshToken,
      ),
    );
  return {
    module: {
      imports: [AuthModule.forRoot({ issuer, keys, algorithm, store, ...limits, routes: { path: 'auth' } })],
    },
    open,
  };
}

const { module, open } = await { empty, parts, handWritten, keyturn }[config.flow](config);
await serve(module, async (app) => ({ refreshTokens: await open(app) }));
