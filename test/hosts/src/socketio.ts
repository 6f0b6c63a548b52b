import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { keyturn } from './keyturn.js';
import { listen } from './listen.js';
import { OpenGateway } from './open.gateway.js';
import { ShopGateway } from './socketio.gateway.js';

@Module({ imports: [keyturn], providers: [ShopGateway, ...(process.env.OPEN_GATEWAY ? [OpenGateway] : [])] })
class AppModule {}

void listen(() => NestFactory.create(AppModule, { logger: ['error', 'warn'] }));
