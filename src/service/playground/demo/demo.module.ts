import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import {
  AuthModule,
  generateKeys,
  InMemoryTokenRepositoryModule,
  RefreshRotationService,
  type AuthModuleOptions,
} from '../../../index.js';
import { AuditLog, PolicyWarnings } from '../../../internal.js';
import { DemoController } from './demo.controller.js';
import { ExchangeLog } from './exchange-log.js';
import { WatchedRotation } from './watched-rotation.js';

/** A host of the library like any other, with keys of its own and a store that ends with it. */
@Module({})
export class DemoModule {
  /** @param replaced what stands in the place of the store, the feed and the clock */
  static forRoot(
    options: Omit<AuthModuleOptions, 'keys'>,
    log: ExchangeLog,
    replaced: readonly Provider[],
  ): DynamicModule {
    const auth = AuthModule.forRoot({
      ...options,
      keys: generateKeys(),
      guard: 'global',
      isGlobal: true,
      routes: { path: 'auth' },
      store: InMemoryTokenRepositoryModule.forRoot(),
    });
    return {
      module: DemoModule,
      // Of two providers of one token Nest takes the later one.
      imports: [{ ...auth, providers: [...(auth.providers ?? []), ...replaced, ...watching(log)] }],
      controllers: [DemoController],
    };
  }
}

/** What happens in the demo is shown on its page, and is nothing for the log of the service. */
const watching = (log: ExchangeLog): Provider[] => [
  { provide: ExchangeLog, useValue: log },
  { provide: RefreshRotationService, useClass: WatchedRotation },
  { provide: AuditLog, useValue: {} },
  { provide: PolicyWarnings, useValue: {} },
];
