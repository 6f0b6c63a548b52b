import { Scope, type FactoryProvider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { AuthConfigError } from '../auth.errors.js';
import { neededBy, providerFor, type NestModule, type NestProvider, type Token } from './nest-records.js';
import { ROUTE_MEANS } from './route-check.js';

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
    const provider = providerFor(token, from);
    if (!provider || seen.has(provider)) return;
    seen.add(provider);
    if (provider.scope === Scope.REQUEST) throw requestScoped(token, module.name);
    for (const needed of neededBy(provider)) look(needed, provider.host ?? from);
  };
  for (const token of module.providers.keys()) look(token, module);
}

const requestScoped = (token: Token, module: string): AuthConfigError =>
  new AuthConfigError(
    `${typeof token === 'function' ? token.name : String(token)} is request-scoped, but ${module} is made once, at the ` +
      'start, and needs it for its options or its store: its guard would never run. Inject nothing request-scoped there',
  );
