import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { keyturn } from './keyturn.js';
import { listen } from './listen.js';
import { ShopGateway } from './ws.gateway.js';

@Module({ imports: [keyturn], providers: [ShopGateway] })
class AppModule {}

void listen(async () => {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  return app.useWebSocketAdapter(new WsAdapter(app));
});
