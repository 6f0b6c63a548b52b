import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { AuthModule, type AuthModuleOptions } from 'keyturn';
import { CartController } from './cart.controller';
import { LoginController } from './login.controller';

@Module({})
export class AppModule {
  static on(store: DynamicModule): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot({ isGlobal: true }),
        AuthModule.forRootAsync({
          isGlobal: true,
          routes: { path: 'auth' },
          store,
          inject: [ConfigService],
          useFactory: (config: ConfigService): AuthModuleOptions => ({
            issuer: 'https://auth.shop.example',
            keys: config.getOrThrow<string>('AUTH_KEYS'),
            sliding: { renewAfter: 0 },
          }),
        }),
      ],
      controllers: [CartController, LoginController],
    };
  }
}
