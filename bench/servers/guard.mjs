import 'reflect-metadata';
import { createPublicKey, createSecretKey } from 'node:crypto';
import { Controller, Get, UseGuards, UseInterceptors } from '@nestjs/common';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { config, decorate, serve } from './served.mjs';

// One route, with the guard that the benchmark asked for: none, the stock one, or Keyturn's.
class HelloController {
  hello() {
    return { hello: 'world' };
  }
}
Controller()(HelloController);

function stock({ algorithm, secret, publicKey, asText, issuer }) {
  const text = algorithm === 'HS256' ? secret : publicKey;
  const keyObject = () => (algorithm === 'HS256' ? createSecretKey(Buffer.from(secret)) : createPublicKey(publicKey));
  class JwtStrategy extends PassportStrategy(Strategy) {
    constructor() {
      super({
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKey: asText ? text : keyObject(),
        algorithms: [algorithm],
        issuer,
        audience: issuer,
      });
    }

    validate(payload) {
      return payload;
    }
  }
  decorate(HelloController, 'hello', Get(), UseGuards(AuthGuard('jwt')));
  return { imports: [PassportModule], providers: [JwtStrategy] };
}

async function keyturn({ build, keys, algorithm, issuer, tokenCacheMax, sliding, passing, check }) {
  const { AuthModule, InMemoryTokenRepositoryModule, JwtAuthGuard, SlidingSession } = await import(
    new URL('index.js', build).href
  );
  decorate(
    HelloController,
    'hello',
    Get(),
    UseGuards(JwtAuthGuard),
    ...(sliding ? [SlidingSession()] : []),
    ...(passing ? [UseInterceptors({ intercept: (_, next) => next.handle() })] : []),
  );
  const tokenCache = tokenCacheMax === undefined ? undefined : { max: tokenCacheMax };
  const store = InMemoryTokenRepositoryModule.forRoot();
  const routes = check && { path: 'auth' };
  return { imports: [AuthModule.forRoot({ issuer, keys, algorithm, tokenCache, store, routes })] };
}

/** What Nest itself asks for running any guard. */
function idle() {
  decorate(HelloController, 'hello', Get(), UseGuards({ canActivate: () => true }));
  return {};
}

function unguarded() {
  decorate(HelloController, 'hello', Get());
  return {};
}

const metadata = await { stock, keyturn, idle, unguarded }[config.guard](config);
await serve({ controllers: [HelloController], ...metadata });
