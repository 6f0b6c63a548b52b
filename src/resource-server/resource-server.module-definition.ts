import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { SlidingOn } from '../options/options.js';
import type { ResourceServerExtras, ResourceServerOptions } from './resource-server.options.js';

const extras: ResourceServerExtras = { feed: undefined, guard: 'manual', isGlobal: false };

export const RESOURCE_SERVER_OPTIONS = Symbol.for('keyturn:resource-server-options');

export const {
  ConfigurableModuleClass: ResourceServerModuleClass,
  OPTIONS_TYPE: RESOURCE_SERVER_OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE: RESOURCE_SERVER_ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<ResourceServerOptions>({ optionsInjectionToken: RESOURCE_SERVER_OPTIONS })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createResourceServerOptions')
  .setExtras<ResourceServerExtras>(extras)
  .build();

/** `sliding.on` brings an interceptor before every route, so it stands beside the factory as well. */
export type ResourceServerAsyncOptions = typeof RESOURCE_SERVER_ASYNC_OPTIONS_TYPE & { sliding?: { on?: SlidingOn } };
