import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer, Reflector } from '@nestjs/core';
import { AuthConfigError } from '../auth.errors.js';
import type { AuthPolicy } from '../options/options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { LIVE_SESSION_METADATA, MAX_AGE_METADATA, SLIDING_METADATA, WHEN_STALE_METADATA } from './route-metadata.js';

interface Marked {
  /** Such as `CartController.add`. */
  readonly name: string;
  readonly target: Parameters<Reflector['get']>[1];
}

/**
 * Looks at the start for decorators that the strategy cannot honour: those that ask a store are refused where there is
 * none, and those that slide are told of where nothing does.
 */
@Injectable()
export class StrategyCheck implements OnModuleInit {
  private readonly logger = new Logger('Keyturn');

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  /** @throws AuthConfigError that names the routes */
  onModuleInit(): void {
    const { keepsSessions, renews, slides } = this.policy;
    if (!keepsSessions) {
      this.refuse(
        '@RequireLiveSession()',
        this.marked(LIVE_SESSION_METADATA, (value) => value === true),
      );
      this.refuse(
        "@WhenStale('check')",
        this.marked(WHEN_STALE_METADATA, (value) => value === 'check'),
      );
    }
    const sliding = this.marked(SLIDING_METADATA, (value) => typeof value === 'object');
    if (!renews) return this.warn('@SlidingSession()', sliding);
    if (!slides) this.warn('@SlidingSession({ extendSession: true })', this.marked(SLIDING_METADATA, extendsSession));
    if (sliding.length > 0 && this.marked(MAX_AGE_METADATA, (value) => value !== undefined).length === 0) {
      this.logger.warn(
        'Routes slide, and so does a stolen access token; no route asks for a recent login. Put @RequireRecentAuth() on ' +
          'what a thief must not do, such as paying',
      );
    }
  }

  private warn(decorator: string, routes: readonly string[]): void {
    if (routes.length === 0) return;
    this.logger.warn(`${decorator} has no effect in strategy '${this.policy.strategy}': ${routes.join(', ')}`);
  }

  private refuse(decorator: string, routes: readonly string[]): void {
    if (routes.length === 0) return;
    const { strategy } = this.policy;
    throw new AuthConfigError(`${decorator} has no store to ask in strategy '${strategy}': ${routes.join(', ')}`);
  }

  private marked(key: string, isMeant: (value: unknown) => boolean): string[] {
    return [...this.candidates()]
      .filter(({ target }) => isMeant(this.reflector.get<unknown>(key, target)))
      .map(({ name }) => name);
  }

  /** Every class that may answer (controllers; resolvers and gateways are providers), and its methods. */
  private *candidates(): Generator<Marked> {
    for (const { controllers, providers } of this.modules.values()) {
      for (const { metatype } of [...controllers.values(), ...providers.values()]) {
        // Of a provider by factory it is the factory.
        if (typeof metatype !== 'function' || !metatype.prototype) continue;
        yield { name: metatype.name, target: metatype };
        yield* methodsOf(metatype.name, metatype.prototype as object);
      }
    }
  }
}

const extendsSession = (value: unknown): boolean =>
  typeof value === 'object' && (value as { extendSession?: unknown }).extendSession === true;

function* methodsOf(className: string, prototype: object): Generator<Marked> {
  for (let at = prototype; at && at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const [method, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && method !== 'constructor') {
        yield { name: `${className}.${method}`, target: value as Marked['target'] };
      }
    }
  }
}
