import { Inject, Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { AUTH_OPTIONS } from '../auth.constants.js';
import { AuthConfigError } from '../auth.errors.js';
import { neededBy, providerFor, type NestModule, type NestProvider, type Token } from './nest-records.js';

/**
 * Refuses a factory of options that waits for something which waits for the options. Nest cannot make either first; it ends
 * the start with no word of this module, or with no word at all. It depends on nothing, so that it is made before the wait.
 */
@Injectable()
export class WaitingCircle {
  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    const ours = [...modules.values()].filter(({ providers }) => providers.has(AUTH_OPTIONS));
    const [circle] = ours.flatMap((module) => [...waysBack(AUTH_OPTIONS, module)]);
    if (!circle) return;
    const [first] = circle;
    throw new AuthConfigError(
      `The factory of AuthModule waits for itself: it injects ${circle.join(', which needs ')}, which needs the options. ` +
        `Ask for ${first} only when it is used: inject: [ModuleRef], and in the factory loadSubject: (sub) => ` +
        `moduleRef.get(${first}, { strict: false }).…`,
    );
  }
}

/** The ways from a provider back to the options, by the names on them. */
function* waysBack(
  token: Token,
  module: NestModule,
  names: readonly string[] = [],
  seen = new Set<NestProvider>(),
): Generator<readonly string[]> {
  const provider = providerFor(token, module);
  if (!provider || seen.has(provider)) return;
  seen.add(provider);
  for (const needed of neededBy(provider)) {
    const onTheWay = typeof needed === 'function' ? [...names, needed.name] : names;
    if (needed === AUTH_OPTIONS) yield names;
    else yield* waysBack(needed, provider.host ?? module, onTheWay, seen);
  }
}
