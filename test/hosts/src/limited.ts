import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthModule, RedisTokenRepositoryModule } from 'keyturn';
import { FloodsModule, UsageModule } from './limits.module.js';
import { listen } from './listen.js';
import { ShopController } from './shop.controller.js';

const auth = AuthModule.forRoot({
  issuer: 'https://auth.shop.example',
  keys: process.env.AUTH_KEYS,
  store: RedisTokenRepositoryModule.forRoot({ url: process.env.REDIS_URL! }),
  routes: { path: 'auth' },
  guard: 'global',
  isGlobal: true,
});

/** Guards run in the order in which their modules are imported. */
@Module({ imports: [FloodsModule, auth, UsageModule], controllers: [ShopController] })
class AppModule {}

void listen(() => NestFactory.create(AppModule, { logger: ['error'] }));
