import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { load } from './build.mjs';

export const ISSUER = 'https://auth.example';

/**
 * A small Nest application with the library in it, as a host has it: the session routes, one guarded route, no users.
 * @param config `store`: options of the Redis module; `options`: of AuthModule; `keys`: its private JWKS
 */
export async function openInstance({ store, options = {}, keys, listen = false }) {
  const library = await load('index.js');
  const { AuthModule, RedisTokenRepositoryModule, JwtAuthGuard } = library;

  class GuardedController {
    get() {
      return {};
    }
  }
  Controller('guarded')(GuardedController);
  UseGuards(JwtAuthGuard)(GuardedController);
  Get()(GuardedController.prototype, 'get', Object.getOwnPropertyDescriptor(GuardedController.prototype, 'get'));

  class HostModule {}
  const imports = [
    AuthModule.forRoot({
      issuer: ISSUER,
      keys,
      // The faults are those of the store: the cheapest signature leaves the machine to them.
      algorithm: 'HS256',
      // And so are those of clients that never rest.
      loginLimits: 'off',
      ...options,
      routes: { path: 'auth' },
      store: RedisTokenRepositoryModule.forRoot(store),
    }),
  ];
  Module({ imports, controllers: [GuardedController] })(HostModule);
  const adapter = new FastifyAdapter({ forceCloseConnections: 'idle', return503OnClosing: false });
  const app = await NestFactory.create(HostModule, adapter, { logger: false, abortOnError: false });
  if (listen) await app.listen(0, '127.0.0.1');
  else await app.init();

  const sessions = app.get(library.SessionService);
  const login = (sub, generation = 0) => patiently(() => sessions.open({ sub, generation }));
  return {
    app,
    url: listen ? `http://127.0.0.1:${app.getHttpServer().address().port}` : undefined,
    rotation: app.get(library.RefreshRotationService),
    sessions,
    repository: app.get(library.TokenRepository),
    events: app.get(library.AuthEvents),
    revocations: app.get(library.Revocations),
    login,
    open: async (sub) => (await login(sub)).refreshToken,
    stop: () => app.close(),
  };
}

/** A login that finds the store busy is tried again, as people do. */
async function patiently(ask) {
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (error.code !== 'store_unavailable') throw error;
      await sleep(100);
    }
  }
  throw new Error('no login in 20 tries');
}

export async function makeKeys() {
  const { generateKeys } = await load('index.js');
  return generateKeys('HS256');
}
