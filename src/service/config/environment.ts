import { readFileSync } from 'node:fs';
import { AuthConfigError, parseDuration } from '../../index.js';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty value is one that was not set: that is what an unset variable in a compose file becomes. */
export const text = (env: Environment, name: string): string | undefined => env[name]?.trim() || undefined;

/** A secret, given as it is or as the path of a file, whose last line may end in a line break. */
export function secret(env: Environment, name: string): string | undefined {
  const file = text(env, `${name}_FILE`);
  const value = text(env, name);
  if (file && value) throw new AuthConfigError(`Set ${name} or ${name}_FILE, not both`);
  if (!file) return value;
  const content = readFile(`${name}_FILE`, file).replace(/\r?\n$/, '');
  if (content === '') throw new AuthConfigError(`${name}_FILE: the file ${file} is empty`);
  return content;
}

export function readFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AuthConfigError(`${name}: the file ${path} cannot be read`, { cause });
  }
}

export const split = (value: string | undefined): string[] | undefined =>
  value?.split(',').map((entry) => entry.trim()).filter((entry) => entry !== ''); // prettier-ignore

export const list = (env: Environment, name: string): string[] | undefined => split(text(env, name));

export function number(env: Environment, name: string): number | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(value)) throw new AuthConfigError(`${name} is '${value}'; it must be a number`);
  return Number(value);
}

export function wholeNumber(env: Environment, name: string, fallback: number, min: number, max: number): number {
  const value = number(env, name) ?? fallback;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new AuthConfigError(`${name} is ${value}; it must be a whole number from ${min} to ${max}`);
}

/** @returns milliseconds; `fallback` is the least it may be, too */
export function duration(env: Environment, name: string, fallback: string, max: string): number {
  const value = parseDuration(text(env, name) ?? fallback, name);
  if (value >= parseDuration(fallback, name) && value <= parseDuration(max, name)) return value;
  throw new AuthConfigError(`${name} must be from ${fallback} to ${max}`);
}

export function choice<T extends string>(env: Environment, name: string, choices: readonly T[], fallback: T): T {
  const value = (text(env, name) ?? fallback) as T;
  if (choices.includes(value)) return value;
  throw new AuthConfigError(`${name} is '${value}'; it must be one of ${choices.join(', ')}`);
}
