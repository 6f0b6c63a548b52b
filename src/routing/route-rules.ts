import type { ExecutionContext, Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { WhenStale } from '../options/options.js';
import type { RouteDemands } from './route-demands.js';
import {
  ACCESS_METADATA,
  LIVE_SESSION_METADATA,
  MAX_AGE_METADATA,
  ROLES_METADATA,
  SCOPES_METADATA,
  SLIDING_METADATA,
  WHEN_STALE_METADATA,
  type Access,
  type SlidingRule,
} from './route-metadata.js';

/** What the decorators of a route say, its method before its class. */
export interface RouteRule {
  /** Whether a token is demanded, allowed, or not looked at. */
  readonly access: Access;
  /** What is done while revocations may have been missed. */
  readonly whenStale: WhenStale;
  /** Whether the store is asked for the session on each request. */
  readonly live: boolean;
  /** Null: a good token is enough. */
  readonly demands: RouteDemands | null;
  /** Null: the route does not slide, also where its class or every route does. */
  readonly sliding: SlidingRule | null;
}

type Handler = (...args: never[]) => unknown;

/** The rules of all routes, each read once: decorators do not change, and reading them takes longer than the guard. */
export class RouteRules {
  // By class first: controllers that inherit a method share the function, not the decorators of their classes.
  private readonly byClass = new WeakMap<Type, Map<Handler, RouteRule>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly whenStale: WhenStale,
    /** The metadata key of the host's own `@Public()`. */
    private readonly publicMetadata?: string,
  ) {}

  of(context: ExecutionContext): RouteRule {
    const [target, handler] = [context.getClass<unknown>(), context.getHandler() as Handler];
    let rules = this.byClass.get(target);
    if (!rules) this.byClass.set(target, (rules = new Map<Handler, RouteRule>()));
    let rule = rules.get(handler);
    if (!rule) rules.set(handler, (rule = this.read(context)));
    return rule;
  }

  private read(context: ExecutionContext): RouteRule {
    const [handler, ofClass] = [context.getHandler(), context.getClass()];
    const said = <T>(key: string) => this.reflector.getAllAndOverride<T | undefined>(key, [handler, ofClass]);
    // A demand needs somebody to be logged in; only a method that says so itself may go without what its class demands.
    const lifted = this.accessOf(handler) === 'public';
    const demands = this.demandsOf(lifted ? [handler] : [handler, ofClass]);
    const sliding = said<SlidingRule | false>(SLIDING_METADATA) ?? {};
    return {
      access: demands ? 'guarded' : (this.accessOf(handler) ?? this.accessOf(ofClass) ?? 'guarded'),
      whenStale: said<WhenStale>(WHEN_STALE_METADATA) ?? this.whenStale,
      live: demands?.live ?? false,
      demands,
      sliding: sliding === false ? null : sliding,
    };
  }

  /** What a method or a class says by itself, by a decorator of ours or by the host's own. */
  private accessOf(target: Parameters<Reflector['get']>[1]): Access | undefined {
    const said = this.reflector.get<Access | undefined>(ACCESS_METADATA, target);
    if (said !== undefined || this.publicMetadata === undefined) return said;
    const isPublic = this.reflector.get<unknown>(this.publicMetadata, target);
    return typeof isPublic === 'boolean' ? (isPublic ? 'public' : 'guarded') : undefined;
  }

  private demandsOf(targets: Parameters<Reflector['getAllAndOverride']>[1]): RouteDemands | null {
    const demanded = <T>(key: string) => this.reflector.getAllAndOverride<T | undefined>(key, targets);
    const demands: RouteDemands = {
      maxAge: demanded(MAX_AGE_METADATA),
      roles: demanded(ROLES_METADATA),
      scopes: demanded(SCOPES_METADATA),
      live: demanded(LIVE_SESSION_METADATA),
    };
    return Object.values(demands).some((demand) => demand !== undefined) ? demands : null;
  }
}
