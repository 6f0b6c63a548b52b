import type { Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';

/** A class or a method that may bear decorators of ours. */
export interface MarkedHandler {
  /** Such as `CartController.add`. */
  readonly name: string;
  readonly target: Parameters<Reflector['get']>[1];
  /** Of a method: its class, and its name there. */
  readonly method?: { readonly of: Type; readonly name: string };
}

/** Every class that may answer (controllers; resolvers and gateways are providers), and its methods, inherited ones too. */
export function* markedHandlers(modules: Iterable<Module>): Generator<MarkedHandler> {
  const seen = new Set<unknown>();
  for (const { controllers, providers } of modules) {
    for (const { metatype } of [...controllers.values(), ...providers.values()]) {
      // Of a provider by factory it is the factory; one class may be provided in several modules.
      if (typeof metatype !== 'function' || !metatype.prototype || seen.has(metatype)) continue;
      seen.add(metatype);
      yield { name: metatype.name, target: metatype };
      yield* methodsOf(metatype as Type);
    }
  }
}

function* methodsOf(of: Type): Generator<MarkedHandler> {
  for (let at = of.prototype as object; at && at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && name !== 'constructor') {
        yield { name: `${of.name}.${name}`, target: value as MarkedHandler['target'], method: { of, name } };
      }
    }
  }
}
