import { Inject, Injectable } from '@nestjs/common';
import { PARAMTYPES_METADATA, PROPERTY_DEPS_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { AUTH_OPTIONS } from '../auth.constants.js';
import { AuthConfigError } from '../auth.errors.js';

/** The part of Nest's record of a provider that is read here. */
interface Provider {
  readonly metatype?: unknown;
  readonly inject?: readonly unknown[] | null;
}

/**
 * Refuses a factory of options that waits for something which waits for the options. Nest cannot make either first; it ends
 * the start with no word of this module, or with no word at all. It depends on nothing, so that it is made before the wait.
 */
@Injectable()
export class WaitingCircle {
  constructor(@Inject(ModulesContainer) private readonly modules: ModulesContainer) {
    const [circle] = this.from(AUTH_OPTIONS, []);
    if (!circle) return;
    const [first] = circle;
    throw new AuthConfigError(
      `The factory of AuthModule waits for itself: it injects ${circle.join(', which needs ')}, which needs the options. ` +
        `Ask for ${first} only when it is used: inject: [ModuleRef], and in the factory loadSubject: (sub) => ` +
        `moduleRef.get(${first}, { strict: false }).…`,
    );
  }

  /** The ways from a provider back to the options, by the names on them. */
  private *from(token: unknown, names: readonly string[], seen = new Set<unknown>()): Generator<readonly string[]> {
    if (seen.has(token)) return;
    seen.add(token);
    for (const needed of neededBy(this.find(token))) {
      if (needed === AUTH_OPTIONS) yield names;
      else yield* this.from(needed, typeof needed === 'function' ? [...names, needed.name] : names, seen);
    }
  }

  private find(token: unknown): Provider | undefined {
    for (const { providers } of this.modules.values()) {
      const provider = providers.get(token as string);
      if (provider) return provider;
    }
    return undefined;
  }
}

/** The tokens of what Nest gives a provider when it makes it. */
export function neededBy(provider: Provider | undefined): unknown[] {
  if (!provider) return [];
  if (Array.isArray(provider.inject)) return provider.inject.map(tokenOf);
  const { metatype } = provider;
  if (typeof metatype !== 'function') return [];
  const read = (key: string): unknown[] => (Reflect.getMetadata(key, metatype) as unknown[] | undefined) ?? [];
  const parameters = read(PARAMTYPES_METADATA);
  const named = read(SELF_DECLARED_DEPS_METADATA) as { index: number; param: unknown }[];
  for (const { index, param } of named) parameters[index] = param;
  const properties = (read(PROPERTY_DEPS_METADATA) as { type: unknown }[]).map(({ type }) => type);
  return [...parameters, ...properties].map(tokenOf);
}

/** What is injected may be named with `{ token, optional }`, or by `forwardRef()`. */
function tokenOf(named: unknown): unknown {
  const { token, forwardRef } = (named ?? {}) as { token?: unknown; forwardRef?: () => unknown };
  return forwardRef ? forwardRef() : (token ?? named);
}
