import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { APP_PIPE } from '@nestjs/core';
import { AuthModule, BodyPipe, generateKeys } from 'keyturn';
import { CartController } from './cart.controller.js';
import { CartService } from './cart.service.js';
import { CheckoutController } from './checkout.controller.js';
import { DraftsController } from './drafts.controller.js';
import { LoginController } from './login.controller.js';
import { ProductsController } from './products.controller.js';
import { UsersModule } from './users.module.js';
import { UsersService } from './users.service.js';

@Module({})
export class ShopModule {
  /** @param store where sessions are kept; Nest must know it before any factory has run */
  static forRoot(store: DynamicModule): DynamicModule {
    return {
      module: ShopModule,
      imports: [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
        UsersModule,
        AuthModule.forRootAsync({
          isGlobal: true,
          guard: 'global',
          routes: { path: 'auth' },
          store,
          imports: [UsersModule],
          inject: [ConfigService, UsersService],
          useFactory: (config: ConfigService, users: UsersService) => ({
            issuer: 'https://shop.example',
            audience: 'shop',
            // Fresh keys make every token of the last run worthless; whoever keeps sessions keeps the keys too.
            keys: config.get<string>('AUTH_KEYS') ?? generateKeys(),
            accessTtl: config.get<string>('ACCESS_TTL'),
            loadSubject: (sub) => users.loadSubject(sub),
          }),
        }),
      ],
      controllers: [LoginController, ProductsController, CartController, DraftsController, CheckoutController],
      providers: [CartService, { provide: APP_PIPE, useClass: BodyPipe }],
    };
  }
}
