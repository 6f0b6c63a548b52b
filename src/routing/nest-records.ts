import { PARAMTYPES_METADATA, PROPERTY_DEPS_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/constants.js';
import type { ModulesContainer } from '@nestjs/core';

/** Nest's records of a module and of a provider, and what a provider is known by. */
export type NestModule = ModulesContainer extends Map<string, infer Found> ? Found : never;
export type NestProvider = NestModule['providers'] extends Map<unknown, infer Found> ? Found : never;
export type Token = Parameters<NestModule['providers']['get']>[0];

/** What a module is given under a token: two modules may mean different things by one name. */
export const providerFor = (token: Token, module: NestModule): NestProvider | undefined =>
  module.providers.get(token) ?? imported(token, module);

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

/** The tokens of what Nest gives a provider when it makes it. */
export function neededBy(provider: NestProvider): Token[] {
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
function tokenOf(named: unknown): Token {
  const { token, forwardRef } = (named ?? {}) as { token?: unknown; forwardRef?: () => unknown };
  return (forwardRef ? forwardRef() : (token ?? named)) as Token;
}
