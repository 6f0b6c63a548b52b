import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { keyturn } from './keyturn.js';
import { listen } from './listen.js';
import { OrdersCaller } from './orders.caller.js';
import { OrdersController } from './orders.controller.js';

const { hostname, port } = new URL(process.env.REDIS_URL!);
const redis = { transport: Transport.REDIS, options: { host: hostname, port: Number(port) } } as const;
const tcp = { transport: Transport.TCP, options: { host: '127.0.0.1', port: Number(process.env.RPC_PORT) } } as const;
const transport = process.env.RPC === 'redis' ? redis : tcp;

/** The service that answers: `guard: 'global'` reaches all of its handlers. */
@Module({ imports: [keyturn], controllers: [OrdersController] })
class OrdersModule {}

/** The application that asks it, over HTTP from outside. */
@Module({
  imports: [keyturn, ClientsModule.register([{ name: 'ORDERS', ...transport }])],
  controllers: [OrdersCaller],
})
class GatewayModule {}

void listen(async () => {
  const orders = await NestFactory.createMicroservice<MicroserviceOptions>(OrdersModule, {
    ...transport,
    logger: ['error'],
  });
  await orders.listen();
  return NestFactory.create(GatewayModule, { logger: ['error'] });
});
