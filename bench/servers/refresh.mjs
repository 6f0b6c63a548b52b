import 'reflect-metadata';
import { createHash, createPrivateKey, createSecretKey, randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Post, UnauthorizedException } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Redis } from 'ioredis';
import { config, decorate, serve } from './served.mjs';

const TWO_WEEKS = 14 * 24 * 3600;
const CHAINS = Array.from({ length: config.chains }, () => randomUUID());

/** A route that takes the same body and does nothing. */
function empty() {
  class RefreshController {
    refresh() {
      return {};
    }
  }
  Controller('auth')(RefreshController);
  decorate(RefreshController, 'refresh', Post('refresh'), HttpCode(200));
  Body()(RefreshController.prototype, 'refresh', 0);
  return { module: { controllers: [RefreshController] }, open: async () => [''] };
}

/**
 * What a careful Nest team writes by hand: key objects, a refresh JWT that is used once, and in Redis the hash of the
 * one that is current. Two round trips; no grace, no reuse detection, no devices, no list.
 */
function handWritten({ algorithm, keys, redis: url, issuer }) {
  const redis = new Redis(url);
  const jwt = new JwtService({});
  const [access, refresh] = keys.keys;
  const secretKey = ({ k }) => createSecretKey(Buffer.from(k, 'base64url'));
  const refreshKey = secretKey(refresh);
  const accessKey = algorithm === 'HS256' ? secretKey(access) : createPrivateKey({ key: access, format: 'jwk' });
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

  class RefreshController {
    async refresh(body) {
      let claims;
      try {
        claims = jwt.verify(body.refresh_token, { secret: refreshKey, algorithms: ['HS256'] });
      } catch {
        throw new UnauthorizedException();
      }
      const current = await redis.getdel(`refresh:${claims.jti}`);
      if (current !== hash(body.refresh_token)) throw new UnauthorizedException();
      return issue(claims.sub);
    }
  }
  Controller('auth')(RefreshController);
  decorate(RefreshController, 'refresh', Post('refresh'), HttpCode(200));
  Body()(RefreshController.prototype, 'refresh', 0);
  const open = () => Promise.all(CHAINS.map(async (sub) => (await issue(sub)).refresh_token));
  return { module: { controllers: [RefreshController] }, open };
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

const { module, open } = await { empty, handWritten, keyturn }[config.flow](config);
await serve(module, async (app) => ({ refreshTokens: await open(app) }));
