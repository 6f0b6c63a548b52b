import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import {
  AuthModule,
  InMemoryTokenRepositoryModule,
  RedisTokenRepositoryModule,
  type AuthModuleOptions,
} from '../index.js';
import { mountAt, traitsOf } from '../internal.js';
import { AccountController } from './http/account.controller.js';
import { ACCOUNT_ERRORS } from './accounts/account.errors.js';
import { ACCOUNT_AUDIT_FIELDS } from './accounts/account.events.js';
import { AccountsModule } from './accounts/accounts.module.js';
import { AdminController } from './http/admin.controller.js';
import { AdminSessionsController } from './http/admin-sessions.controller.js';
import { adminWrites } from './http/admin-writes.controller.js';
import { CoreModule, type ServiceSetup } from './core.module.js';
import { GracefulStop } from './lifecycle/graceful-stop.js';
import { DeviceCookie } from './http/device-cookie.js';
import { ServiceParts } from './health/service-parts.js';
import { HealthController } from './http/health.controller.js';
import { HttpErrorFilter } from './http/http-error.filter.js';
import { SIGNING_KEYS } from './keys/key-file.js';
import { KeyFileWatch } from './keys/key-file-watch.js';
import { measured } from './metrics/measured-store.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { showsMetricsOnPort } from './config/metrics-on-port.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { PasswordController } from './http/password.controller.js';
import { ReauthenticationController } from './http/reauthentication.controller.js';
import { PasswordLogins } from './logins/password-logins.js';
import { SelfServiceController } from './http/self-service.controller.js';
import { keptAddress } from './config/device-address.js';
import type { LoadedConfig } from './config/load-config.js';
import type { ServiceConfig } from './config/service.config.js';
import { Webhooks } from './webhooks/webhooks.js';
import { UsersService } from './accounts/users.service.js';

/** The standalone service: a user of the library like any other, with a users table. */
@Module({})
export class ServiceModule {
  static forRoot(loaded: LoadedConfig, setup: ServiceSetup = {}): DynamicModule {
    const { config } = loaded;
    const core = CoreModule.forRoot(loaded, setup);
    return {
      module: ServiceModule,
      imports: [
        core,
        AccountsModule,
        MetricsModule,
        AuthModule.forRootAsync({
          isGlobal: true,
          guard: 'global',
          strategy: config.strategy,
          routes: { path: config.routesPath },
          oauth: { path: config.oauthPath },
          sliding: { on: config.auth.sliding?.on },
          store: storeOf(config),
          inject: [SIGNING_KEYS, UsersService],
          useFactory: (keys: string, users: UsersService): AuthModuleOptions => ({
            ...config.auth,
            keys,
            loadSubject: (sub) => users.loadSubject(sub),
            keepAddress: (address) => keptAddress(address, config.deviceAddress),
            errorCodes: ACCOUNT_ERRORS,
            auditFields: ACCOUNT_AUDIT_FIELDS,
          }),
        }),
      ],
      controllers: [
        mountAt(config.routesPath, AccountController),
        mountAt(config.routesPath, PasswordController),
        mountAt(config.routesPath, ReauthenticationController),
        mountAt(config.routesPath, SelfServiceController),
        AdminController,
        adminWrites(traitsOf(config.strategy).keepsSessions),
        ...(traitsOf(config.strategy).keepsSessions ? [AdminSessionsController] : []),
        HealthController,
        ...(showsMetricsOnPort(config) ? [MetricsController] : []),
      ],
      providers: [
        DeviceCookie,
        PasswordLogins,
        Webhooks,
        GracefulStop,
        ServiceParts,
        KeyFileWatch,
        { provide: APP_FILTER, useClass: HttpErrorFilter },
      ],
    };
  }
}

/** Where no sessions are kept, Redis is for the feed alone, and without it there is nothing to be kept in memory. */
function storeOf({ redis, strategy }: ServiceConfig): DynamicModule | undefined {
  if (redis) return measured(RedisTokenRepositoryModule.forRoot(redis));
  return traitsOf(strategy).keepsSessions ? measured(InMemoryTokenRepositoryModule.forRoot()) : undefined;
}
