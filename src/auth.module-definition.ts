import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { AuthModuleExtras } from './options/auth-extras.js';
import type { AuthModuleOptions, SlidingOn } from './options/options.js';
import { AUTH_OPTIONS } from './auth.constants.js';

const extras: AuthModuleExtras = {
  strategy: 'refresh-sliding',
  store: undefined,
  routes: false,
  guard: 'manual',
  isGlobal: false,
};

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<AuthModuleOptions>({ optionsInjectionToken: AUTH_OPTIONS })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createAuthOptions')
    .setExtras<AuthModuleExtras>(extras)
    .build();

/** `sliding.on` brings an interceptor before every route, so it stands beside the factory as well. */
export type AuthModuleAsyncOptions = typeof ASYNC_OPTIONS_TYPE & { sliding?: { on?: SlidingOn } };
