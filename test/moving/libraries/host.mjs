// A small Nest host on Express, written without a compiler, and a browser that keeps its cookies.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  AuthModule,
  CurrentUser,
  generateKeys,
  RedisTokenRepositoryModule,
  SessionService,
} from '../../../dist/esm/index.js';

const keys = generateKeys();

class CartController {
  read(user) {
    return { sub: user.sub };
  }
}
Controller('cart')(CartController);
Get()(CartController.prototype, 'read', Object.getOwnPropertyDescriptor(CartController.prototype, 'read'));
CurrentUser()(CartController.prototype, 'read', 0);

/** @param configure puts the former login before the host; it is given the application */
export async function startHost({ redisUrl, legacy, configure }) {
  class AppModule {}
  Module({
    imports: [
      AuthModule.forRoot({
        issuer: 'http://localhost:3000',
        keys,
        store: RedisTokenRepositoryModule.forRoot({ url: redisUrl }),
        guard: 'global',
        routes: { path: 'auth' },
        clients: { web: { transport: 'cookie' } },
        cookies: { insecure: true },
        legacy,
      }),
    ],
    controllers: [CartController],
  })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  await configure(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), sessions: app.get(SessionService) };
}

export class Browser {
  cookies = new Map();

  /** @param isLost whether the answer does not arrive: then its cookies do not either */
  async ask(url, { method = 'GET', body, isLost = false } = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      cookie,
      'sec-fetch-site': 'same-origin',
      origin: 'http://localhost:3000',
      ...(body && { 'content-type': 'application/json' }),
    };
    const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body), redirect: 'manual' });
    const text = await answer.text();
    if (!isLost) {
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (value === '' || /expires=Thu, 01 Jan 1970|max-age=0(;|$)/i.test(line)) this.cookies.delete(name);
        else this.cookies.set(name, value);
      }
    }
    return { status: answer.status, text };
  }

  copy() {
    return Object.assign(new Browser(), { cookies: new Map(this.cookies) });
  }
}
