import { ConfigurableModuleBuilder, type DynamicModule } from '@nestjs/common';
import type { AuthModuleOptions, SessionMode, SlidingOn } from './options/options.js';
import { AUTH_OPTIONS } from './auth.constants.js';

/** What changes the provider graph, and so must be known before any factory has run. */
export interface AuthModuleExtras {
  /** Which tokens there are. Default `refresh-sliding`. */
  strategy?: SessionMode;
  /**
   * The module that keeps the sessions: `RedisTokenRepositoryModule` or `InMemoryTokenRepositoryModule`. In `access*` it
   * can be left out: no session is kept there, and a store gives only the feed by which instances hear of revocations.
   */
  store?: DynamicModule;
  /** The session routes (refresh, renew, logout, sessions, JWKS) below a path, or none. Default `false`. */
  routes?: { path: string } | false;
  /** `global` guards every route that is not `@Public()`. Default `manual`. */
  guard?: 'manual' | 'global';
  /** Whether other modules can inject the services without importing this one. Default `false`. */
  isGlobal?: boolean;
}

const extras: AuthModuleExtras = {
  strategy: 'refresh-sliding',
  store: undefined,
  routes: false,
  guard: 'manual',
  isGlobal: false,
};

export const AUTH_MODULE_EXTRAS: readonly string[] = Object.keys(extras);

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<AuthModuleOptions>({ optionsInjectionToken: AUTH_OPTIONS })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createAuthOptions')
    .setExtras<AuthModuleExtras>(extras)
    .build();

/** `sliding.on` brings an interceptor before every route, so it stands beside the factory as well. */
export type AuthModuleAsyncOptions = typeof ASYNC_OPTIONS_TYPE & { sliding?: { on?: SlidingOn } };
