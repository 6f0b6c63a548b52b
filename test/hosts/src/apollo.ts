import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { CartResolver } from './cart.resolver.js';
import { keyturn } from './keyturn.js';
import { listen } from './listen.js';

@Module({
  imports: [
    keyturn,
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      subscriptions: { 'graphql-ws': true },
      // Without it Nest runs no guard on field resolvers.
      fieldResolverEnhancers: process.env.UNGUARDED_FIELDS ? [] : ['guards'],
    }),
  ],
  providers: [CartResolver],
})
class AppModule {}

void listen(() => NestFactory.create(AppModule, { logger: ['error'], abortOnError: false }));
