import { Module, ValidationPipe, type DynamicModule } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { RedisRevocationFeedModule, ResourceServerModule } from 'keyturn';
import { OrdersController } from './orders.controller.js';

export interface OrdersSettings {
  /** Where the auth service is. */
  readonly authUrl: string;
  /** Its `iss`, where that is another URL than this app reaches it by. */
  readonly issuer?: string;
  /** The Redis of the auth service; without it the app learns of no logout. */
  readonly redisUrl?: string;
}

/** Unknown fields are refused, and what is checked is what the handlers get. */
const strict = new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true });

@Module({})
export class OrdersModule {
  static forRoot({ authUrl, issuer = authUrl, redisUrl }: OrdersSettings): DynamicModule {
    return {
      module: OrdersModule,
      imports: [
        ResourceServerModule.forRoot({
          issuer,
          jwksUri: `${authUrl}/.well-known/jwks.json`,
          renewUrl: `${authUrl}/auth/renew`,
          feed: redisUrl === undefined ? undefined : RedisRevocationFeedModule.forRoot({ url: redisUrl }),
          guard: 'global',
        }),
      ],
      controllers: [OrdersController],
      providers: [{ provide: APP_PIPE, useValue: strict }],
    };
  }
}
