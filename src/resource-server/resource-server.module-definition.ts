import { ConfigurableModuleBuilder, type DynamicModule } from '@nestjs/common';
import type { SlidingOn } from '../options/options.js';
import type { ResourceServerOptions } from './resource-server.options.js';

/** What changes the provider graph, and so must be known before any factory has run. */
export interface ResourceServerExtras {
  /** Where revocations are heard: `RedisRevocationFeedModule`. Without it tokens are taken until they expire. */
  feed?: DynamicModule;
  /** `global` guards every route that is not `@Public()`. Default `manual`. */
  guard?: 'manual' | 'global';
  /** Whether other modules can inject what this one exports without importing it. Default `false`. */
  isGlobal?: boolean;
}

const extras: ResourceServerExtras = { feed: undefined, guard: 'manual', isGlobal: false };

export const RESOURCE_SERVER_EXTRAS: readonly string[] = Object.keys(extras);

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
