import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { OrdersModule } from './orders.module.js';

const { ORDERS_PORT = '3002', AUTH_URL: authUrl = 'http://localhost:3000', AUTH_ISSUER, REDIS_URL } = process.env;

const orders = OrdersModule.forRoot({ authUrl, issuer: AUTH_ISSUER, redisUrl: REDIS_URL });
const app = await NestFactory.create(orders, { abortOnError: false });
app.enableShutdownHooks();
await app.listen(ORDERS_PORT, '127.0.0.1');
process.stdout.write(`Orders are taken at ${await app.getUrl()}, from users of ${authUrl}\n`);
