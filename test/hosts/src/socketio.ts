import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { keyturn } from './keyturn.js';
import { listen } from './listen.js';
import { ShopGateway } from './socketio.gateway.js';

@Module({ imports: [keyturn], providers: [ShopGateway] })
class AppModule {}

void listen(() => NestFactory.create(AppModule, { logger: ['error'] }));
