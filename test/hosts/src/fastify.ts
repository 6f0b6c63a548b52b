import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { keyturn } from './keyturn.js';
import { listen } from './listen.js';
import { PricesController } from './prices.controller.js';
import { ShopController } from './shop.controller.js';

@Module({ imports: [keyturn], controllers: [ShopController, PricesController] })
class AppModule {}

void listen(() => NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error'] }));
