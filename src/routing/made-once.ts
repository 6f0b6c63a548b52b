import { Scope, type FactoryProvider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { AuthConfigError } from '../auth.errors.js';
import { ROUTE_MEANS } from './route-check.js';
import { neededBy } from './waiting-circle.js';

/** Nest's records of a module and of a provider. */
type NestModule = ModulesContainer extends Map<string, infer Found> ? Found : never;
type NestProvider = NestModule['providers'] extends Map<unknown, infer Found> ? Found : never;
type Token = Parameters<NestModule['providers']['get']>[0];

/**
 * Refuses a module of ours that needs something request-scoped. Nest has no instance of its guard, filter and interceptor
 * then to put before every route: Nest 12.1, and Nest 11 until 11.2.9, leave them out without a word, and every route is
 * open. A factory that waits for nothing, so that it runs before Nest comes to them.
 */
export const MADE_ONCE: FactoryProvider = {
  provide: Symbol.for('keyturn:made-once'),
  inject: [ModulesContainer],
  useFactory: (modules: ModulesContainer) => {
    for (const module of modules.values()) if (module.providers.has(ROUTE_MEANS)) refuseRequestScoped(module);
  },
};

function refuseRequestScoped(module: NestModule): void {
  const seen = new Set<NestProvider>();
  const look = (token: Token, from: NestModule): void => {
    const provider = from.providers.get(token) ?? imported(token, from);
    if (!provider || seen.has(provider)) return;
    seen.add(provider);
    if (provider.scope === Scope.REQUEST) throw requestScoped(token, module.name);
    for (const needed of neededBy(provider)) look(needed as Token, provider.host ?? from);
  };
  for (const token of module.providers.keys()) look(token, module);
}

/** As Nest looks for it: beyond the modules that are imported, only in those that they export in their turn. */
function imported(token: Token, module: NestModule, seen?: Set<NestModule>): NestProvider | undefined {
  const asked = seen ?? new Set();
  for (const other of module.imports) {
    if (asked.has(other) || (seen && !module.exports.has(other.metatype))) continue;
    asked.add(other);
    const found = other.exports.has(token) ? other.providers.get(token) : undefined;
    const provider = found ?? imported(token, other, asked);
    if (provider) return provider;
  }
  return undefined;
}

const requestScoped = (token: Token, module: string): AuthConfigError =>
  new AuthConfigError(
    `${typeof token === 'function' ? token.name : String(token)} is request-scoped, but ${module} is made once, at the ` +
      'start, and needs it for its options or its store: its guard would never run. Inject nothing request-scoped there',
  );
