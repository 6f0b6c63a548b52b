import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { CartResolver } from './cart.resolver.js';
import { keyturn } from './keyturn.js';
import { listen } from './listen.js';

@Module({
  imports: [
    keyturn,
    GraphQLModule.forRoot<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      autoSchemaFile: true,
      subscription: { fullWsTransport: true },
      fieldResolverEnhancers: ['guards'],
    }),
  ],
  providers: [CartResolver],
})
class AppModule {}

void listen(() => NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error'], abortOnError: false }));
