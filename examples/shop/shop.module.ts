import { Module, ValidationPipe, type DynamicModule } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { APP_PIPE } from '@nestjs/core';
import { AuthError, AuthModule, generateKeys, type Duration, type SessionMode } from 'keyturn';
import { CartController } from './cart.controller.js';
import { CartService } from './cart.service.js';
import { CheckoutController } from './checkout.controller.js';
import { DraftsController } from './drafts.controller.js';
import { LoginController } from './login.controller.js';
import { ProductsController } from './products.controller.js';
import { UsersModule } from './users.module.js';
import { UsersService } from './users.service.js';

/** Unknown fields are refused, and a fault is answered in the shape of Keyturn's own errors. */
const strict = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  transform: true,
  exceptionFactory: (faults) => {
    const details = faults.flatMap(({ constraints }) => Object.values(constraints ?? {}));
    return new AuthError('invalid_request', 'The request is not valid.', { details });
  },
});

@Module({})
export class ShopModule {
  /**
   * Both must be known to Nest before any factory has run.
   * @param store where sessions are kept; the `access` strategies do without
   */
  static forRoot(store: DynamicModule | undefined, strategy?: SessionMode): DynamicModule {
    return {
      module: ShopModule,
      imports: [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
        UsersModule,
        AuthModule.forRootAsync({
          isGlobal: true,
          strategy,
          guard: 'global',
          routes: { path: 'auth' },
          store,
          imports: [UsersModule],
          inject: [ConfigService, UsersService],
          useFactory: (config: ConfigService, users: UsersService) => ({
            issuer: 'https://shop.example',
            audience: 'shop',
            // Fresh keys make every token of the last run worthless; an application that keeps sessions keeps the keys too.
            keys: config.get<string>('AUTH_KEYS') ?? generateKeys(),
            // Checked when the application starts.
            accessTtl: config.get<Duration>('ACCESS_TTL'),
            grace: config.get<Duration>('REFRESH_GRACE'),
            // A page keeps its tokens in cookies, where no script can read them; an application carries them itself; a
            // server that renders pages keeps them for its visitors.
            clients: { app: {}, web: { transport: 'cookie', absoluteTtl: '30d' }, next: { bff: true } },
            loadSubject: (sub) => users.loadSubject(sub),
          }),
        }),
      ],
      controllers: [LoginController, ProductsController, CartController, DraftsController, CheckoutController],
      providers: [CartService, { provide: APP_PIPE, useValue: strict }],
    };
  }
}
