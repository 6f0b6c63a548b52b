import type { ExecutionContext, Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { WhenStale } from '../auth.options.js';
import { ACCESS_METADATA, type Access } from '../decorators/access.decorators.js';
import { LIVE_SESSION_METADATA, WHEN_STALE_METADATA } from '../decorators/liveness.decorators.js';

export const SLIDING_METADATA = 'keyturn:sliding';

/** What the decorators of a route say, its method before its class. */
export interface RouteRule {
  readonly access: Access;
  readonly whenStale: WhenStale;
  readonly live: boolean;
}

type Handler = (...args: never[]) => unknown;

/** The rules of all routes, each read once: decorators do not change, and reading them takes longer than the guard. */
export class RouteRules {
  // By class first: controllers that inherit a method share the function, not the decorators of their classes.
  private readonly byClass = new WeakMap<Type, Map<Handler, RouteRule>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly whenStale: WhenStale,
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
    const saidBy = [context.getHandler(), context.getClass()];
    const said = <T>(key: string) => this.reflector.getAllAndOverride<T | undefined>(key, saidBy);
    return {
      access: said<Access>(ACCESS_METADATA) ?? 'guarded',
      whenStale: said<WhenStale>(WHEN_STALE_METADATA) ?? this.whenStale,
      live: said<boolean>(LIVE_SESSION_METADATA) ?? false,
    };
  }
}
