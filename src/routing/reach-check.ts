import { Logger, type FactoryProvider, type OnModuleInit } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer, Reflector } from '@nestjs/core';
import { AuthConfigError } from '../auth.errors.js';
import { markedHandlers, type MarkedHandler } from './marked-handlers.js';
import { isPlainMethod } from './plain-methods.js';
import {
  ACCESS_METADATA,
  LIVE_SESSION_METADATA,
  MAX_AGE_METADATA,
  ROLES_METADATA,
  SCOPES_METADATA,
} from './route-metadata.js';

/** What optional packages of Nest leave on handlers and classes; their constants cannot be imported. */
const FIELD_METADATA = 'graphql:resolve_property';
const REFERENCE_METADATA = 'graphql:resolve_reference';
const MESSAGE_METADATA = 'websockets:message_mapping';
const PATTERN_METADATA = 'microservices:pattern';
/** DI token of the options of `GraphQLModule`. */
const GRAPHQL_OPTIONS = 'GqlModuleOptions';

const DEMANDS = [ROLES_METADATA, SCOPES_METADATA, MAX_AGE_METADATA, LIVE_SESSION_METADATA];

/** Guards of ours, by name: the ESM and the CommonJS copy have a class each. */
const GUARD_NAMES = new Set(['JwtAuthGuard', 'RouteDemandsGuard']);

/** Whether Nest runs global guards on the messages of gateways: from version 12 on, which this came with. */
const guardsGateways = 'registerPreRequestHook' in ApplicationConfig.prototype;

/**
 * Looks at the start for handlers that a guard does not reach. It refuses a field resolver that demands something, and the
 * resolver of a reference that is not public. It warns of an open gateway or RPC handler beside a global guard, and of a
 * demand on a method that only the host itself calls.
 */
export class ReachCheck implements OnModuleInit {
  private readonly logger = new Logger('Keyturn');

  constructor(
    private readonly isGlobal: boolean,
    private readonly modules: ModulesContainer,
    private readonly reflector: Reflector,
    private readonly host: HttpAdapterHost,
  ) {}

  /** @throws AuthConfigError that names the resolvers */
  onModuleInit(): void {
    const handlers = [...markedHandlers(this.modules.values())];
    this.refuseOpenFields(handlers);
    this.warnOfPlainMethods(handlers);
    if (!this.isGlobal) return;
    const open = (key: string): string[] =>
      handlers.filter((handler) => this.has(key, handler) && this.isOpen(handler)).map(({ name }) => name);
    if (!guardsGateways) this.warn("guard: 'global' does not reach gateways on Nest 11", open(MESSAGE_METADATA));
    // A microservice alone takes the global guard; one beside an HTTP server only by that option.
    if (this.host.httpAdapter?.getHttpServer?.()) {
      const unless = 'unless connectMicroservice() is called with { inheritAppConfig: true }';
      this.warn(`guard: 'global' does not reach message handlers ${unless}`, open(PATTERN_METADATA));
    }
  }

  private refuseOpenFields(handlers: readonly MarkedHandler[]): void {
    if (this.fieldsAreGuarded()) return;
    const fields = handlers.filter(
      (handler) =>
        (this.has(FIELD_METADATA, handler) && this.demands(handler)) ||
        (this.has(REFERENCE_METADATA, handler) && this.isMeantGuarded(handler)),
    );
    if (fields.length === 0) return;
    throw new AuthConfigError(
      'GraphQL runs no guard on the resolvers of fields and references, so these would be open: write ' +
        `fieldResolverEnhancers: ['guards'] in the options of GraphQLModule: ${fields.map(({ name }) => name).join(', ')}`,
    );
  }

  /** Else who reads the decorator takes the method for a guarded one. */
  private warnOfPlainMethods(handlers: readonly MarkedHandler[]): void {
    const isMarked = ({ target }: MarkedHandler): boolean =>
      DEMANDS.some((key) => this.reflector.get<unknown>(key, target) !== undefined);
    const plain = handlers.filter((handler) => isMarked(handler) && isPlainMethod(handler, handlers));
    if (plain.length === 0) return;
    this.logger.warn(
      `No guard runs when your own code calls a method: ${plain.map(({ name }) => name).join(', ')}. Put the decorator on ` +
        'the route, resolver or message handler that calls it',
    );
  }

  /** Without the module nobody resolves anything. */
  private fieldsAreGuarded(): boolean {
    const options = [...this.modules.values()]
      .map(({ providers }) => providers.get(GRAPHQL_OPTIONS)?.instance as { fieldResolverEnhancers?: unknown } | null)
      .filter((found) => found !== undefined && found !== null);
    return options.every(
      ({ fieldResolverEnhancers: enhancers }) => Array.isArray(enhancers) && enhancers.includes('guards'),
    );
  }

  /** By a demand of its own or its class, or by a guard or `@Guarded()` that stands on the method. */
  private demands({ target, method }: MarkedHandler): boolean {
    const access = this.reflector.get<unknown>(ACCESS_METADATA, target);
    if (access === 'guarded' || this.guardsOf([target]).some(isGuardOfOurs)) return true;
    const demanding = method && access !== 'public' ? [target, method.of] : [target];
    return demanding.some((at) => DEMANDS.some((key) => this.reflector.get<unknown>(key, at) !== undefined));
  }

  /** No other resolver comes before that of a reference (`_entities`), so what guards a query has to guard it too. */
  private isMeantGuarded(handler: MarkedHandler): boolean {
    const both = placesOf(handler);
    const access = this.reflector.getAllAndOverride<unknown>(ACCESS_METADATA, both);
    const isGuarded = this.isGlobal || access === 'guarded' || this.guardsOf(both).some(isGuardOfOurs);
    return this.demands(handler) || (isGuarded && access !== 'public');
  }

  private isOpen(handler: MarkedHandler): boolean {
    const both = placesOf(handler);
    const access = this.reflector.getAllAndOverride<unknown>(ACCESS_METADATA, both);
    return access !== 'public' && !this.guardsOf(both).some(isGuardOfOurs);
  }

  private guardsOf(targets: readonly MarkedHandler['target'][]): unknown[] {
    return targets.flatMap((at) => this.reflector.get<unknown[] | undefined>(GUARDS_METADATA, at) ?? []);
  }

  private has(key: string, { target, method }: MarkedHandler): boolean {
    return method !== undefined && this.reflector.get<unknown>(key, target) !== undefined;
  }

  private warn(fault: string, handlers: readonly string[]): void {
    if (handlers.length === 0) return;
    this.logger.warn(`${fault}. Put @UseGuards(JwtAuthGuard) on the class of: ${handlers.join(', ')}`);
  }
}

const placesOf = ({ target, method }: MarkedHandler): MarkedHandler['target'][] =>
  method ? [target, method.of] : [target];

/** A guard of ours, or one that a host has made from it. */
function isGuardOfOurs(guard: unknown): boolean {
  const type = typeof guard === 'function' ? guard : (guard as object | null)?.constructor;
  for (let at: unknown = type; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if (GUARD_NAMES.has(at.name)) return true;
  }
  return false;
}

export const reachProvider = (guard: 'manual' | 'global' | undefined): FactoryProvider => ({
  provide: ReachCheck,
  inject: [ModulesContainer, Reflector, HttpAdapterHost],
  useFactory: (modules: ModulesContainer, reflector: Reflector, host: HttpAdapterHost) =>
    new ReachCheck(guard === 'global', modules, reflector, host),
});
