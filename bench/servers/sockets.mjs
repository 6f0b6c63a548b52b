import 'reflect-metadata';
import { Inject } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { randomUUID } from 'node:crypto';
import { config, serve } from './served.mjs';

// A gateway on ws whose sockets end with their sessions, and the session routes, on Redis.
const library = await import(new URL('index.js', config.build).href);
const { AuthModule, RedisTokenRepositoryModule, SessionService, SocketSessions } = library;

class Gateway {
  constructor(sockets) {
    this.sockets = sockets;
  }

  async handleConnection(client, request) {
    const session = await this.sockets.admit(this, client, request);
    if (session) client.send('let in');
  }
}
WebSocketGateway()(Gateway);
Inject(SocketSessions)(Gateway, undefined, 0);

const { issuer, keys, redis: url, sessions = 0 } = config;
const store = RedisTokenRepositoryModule.forRoot({ url, commandTimeout: '5s' });
const auth = AuthModule.forRoot({ issuer, keys, store, routes: { path: 'auth' } });
await serve(
  { providers: [Gateway], imports: [auth] },
  async (app) => {
    const tokens = [];
    for (let n = 0; n < sessions; n++)
      tokens.push((await app.get(SessionService).open({ sub: randomUUID() })).accessToken);
    return { tokens };
  },
  (app) => app.useWebSocketAdapter(new WsAdapter(app)),
);
