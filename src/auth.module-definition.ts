import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { AUTH_EXTRAS, type AuthModuleExtras } from './options/auth-extras.js';
import type { AuthModuleOptions, SlidingOn } from './options/options.js';
import { AUTH_OPTIONS } from './auth.constants.js';

/** Nest tells the extras from the options by these names; their defaults are the table's. */
const extras: AuthModuleExtras = Object.fromEntries(Object.keys(AUTH_EXTRAS).map((name) => [name, undefined]));

const { ConfigurableModuleClass: Built } = new ConfigurableModuleBuilder<AuthModuleOptions>({
  optionsInjectionToken: AUTH_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createAuthOptions')
  .setExtras<AuthModuleExtras>(extras)
  .build();

/** What Nest has built, with parameters that AuthModule may narrow. */
interface BuiltModule {
  new (): object;
  forRoot(options: never): DynamicModule;
  forRootAsync(options: never): DynamicModule;
}

export const ConfigurableModuleClass = Built as unknown as BuiltModule;

/** A strategy that keeps sessions needs a store; where the strategy is known only at run time, `store` may be undefined. */
export type StoreChoice =
  | { strategy?: AuthModuleExtras['strategy']; store: AuthModuleExtras['store'] }
  | { strategy: 'access' | 'access-sliding'; store?: AuthModuleExtras['store'] };

/**
 * What is given, without a name that is no option: a literal that a function returns is not checked for that by itself.
 * @typeParam Group the options that are objects of options
 */
export type Exactly<Given, Allowed, Group = 'sliding' | 'revocation' | 'tokenCache' | 'cookies' | 'legacy'> = Given & {
  [Name in keyof Given]: Name extends keyof Allowed
    ? Name extends Group
      ? Exactly<Given[Name], NonNullable<Allowed[Name]>, never>
      : Given[Name]
    : never;
};

/** What `AuthModule.forRoot()` takes. */
export type AuthModuleRootOptions = AuthModuleOptions & AuthModuleExtras & StoreChoice;

/**
 * A class that makes the options of `AuthModule`, for `useClass` and `useExisting` of `forRootAsync()`.
 *
 * @example
 * ```ts
 * @Injectable()
 * class AuthSettings implements AuthOptionsFactory {
 *   constructor(private readonly config: ConfigService) {}
 *
 *   createAuthOptions() {
 *     return { issuer: 'https://auth.example', keys: this.config.getOrThrow<string>('AUTH_KEYS') };
 *   }
 * }
 * ```
 */
export interface AuthOptionsFactory {
  /** Called once, at the start. */
  createAuthOptions(): AuthModuleOptions | Promise<AuthModuleOptions>;
}

/**
 * What `AuthModule.forRootAsync()` takes: one of `useFactory`, `useClass` and `useExisting`, and beside it what changes
 * the providers. A class has the method `createAuthOptions()`, see {@link AuthOptionsFactory}.
 */
export type AuthModuleAsyncOptions<Made extends AuthModuleOptions = AuthModuleOptions> = AuthModuleExtras &
  StoreChoice & {
    /** The modules whose providers are injected into the factory. */
    imports?: ModuleMetadata['imports'];
    /** The tokens of what the factory takes, in its order. */
    inject?: FactoryProvider['inject'];
    /** Makes the options; a name that is no option does not compile. */
    // oxlint-disable-next-line typescript/no-explicit-any -- what `inject` names
    useFactory?: (...args: any[]) => Exactly<Made, AuthModuleOptions> | Promise<Exactly<Made, AuthModuleOptions>>;
    /** A class with `createAuthOptions()`, made for this. */
    useClass?: Type<AuthOptionsFactory>;
    /** A provider of the host with `createAuthOptions()`. */
    useExisting?: Type<AuthOptionsFactory>;
    /** See Nest's `ConfigurableModuleAsyncOptions`. */
    provideInjectionTokensFrom?: FactoryProvider[];
    /** `sliding.on` brings an interceptor before every route, so it stands beside the factory as well. */
    sliding?: { on?: SlidingOn | undefined } | undefined;
  };
