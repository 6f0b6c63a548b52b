import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { keyturn } from './keyturn.js';
import { listen } from './listen.js';
import { PricesController } from './prices.controller.js';
import { ShopController } from './shop.controller.js';

@Module({ imports: [keyturn], controllers: [ShopController, PricesController] })
class AppModule {}

void listen(() => NestFactory.create(AppModule, { logger: ['error'] }));
