import { ConfigurableModuleBuilder } from '@nestjs/common';
import { AUTH_EXTRAS, type AuthModuleExtras } from './options/auth-extras.js';
import type { AuthModuleOptions, SlidingOn } from './options/options.js';
import { AUTH_OPTIONS } from './auth.constants.js';

/** Nest tells the extras from the options by these names; their defaults are the table's. */
const extras: AuthModuleExtras = Object.fromEntries(Object.keys(AUTH_EXTRAS).map((name) => [name, undefined]));

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<AuthModuleOptions>({ optionsInjectionToken: AUTH_OPTIONS })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createAuthOptions')
    .setExtras<AuthModuleExtras>(extras)
    .build();

/** `sliding.on` brings an interceptor before every route, so it stands beside the factory as well. */
export type AuthModuleAsyncOptions = typeof ASYNC_OPTIONS_TYPE & { sliding?: { on?: SlidingOn } };
