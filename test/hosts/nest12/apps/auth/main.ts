import { NestFactory } from '@nestjs/core';
import { RedisTokenRepositoryModule } from 'keyturn';
import { AppModule } from './app.module.js';

const store = RedisTokenRepositoryModule.forRoot({ url: process.env.REDIS_URL! });
const app = await NestFactory.create(AppModule.on(store), { logger: ['error'] });
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT), '127.0.0.1');
