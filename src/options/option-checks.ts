import { formatDuration, parseDuration } from './durations.js';
import { AuthConfigError } from '../auth.errors.js';

/** Throws an {@link AuthConfigError} that names each member of `given` that is not in `known`. */
export function refuseUnknown(given: object, known: readonly string[], where: string): void {
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new AuthConfigError(`unknown ${where}: ${unknown.join(', ')}; known are ${known.join(', ')}`);
  }
}

/** `tokenCache: false` has no member to refuse, and would pass for the defaults. */
export function checkGroup(name: string, given: object | undefined, known: readonly string[]): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new AuthConfigError(`${name} must be an object with ${known.join(', ')}`);
  }
  refuseUnknown(given, known, `option of ${name}`);
}

export interface Range {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
  /** What the upper bound is, if not a fixed one. */
  readonly because?: string;
}

/** One that was not given is lowered to its bound; a given one out of range is refused, also when it has no effect. */
export function durationOption(
  name: string,
  given: string | undefined,
  { fallback, min, max, because }: Range,
): number {
  if (given === undefined) return Math.min(fallback, max);
  const value = parseDuration(given, name);
  if (value < min || value > max) {
    const upper = because ? `${formatDuration(max)} (${because})` : formatDuration(max);
    throw new AuthConfigError(`${name} is '${given}'; it must be from ${formatDuration(min)} to ${upper}`);
  }
  return value;
}

export function numberOption(
  name: string,
  given: number | undefined,
  { fallback, min, max }: Range,
  integer = true,
): number {
  if (given === undefined) return fallback;
  if (typeof given !== 'number' || !(given >= min && given <= max) || (integer && !Number.isInteger(given))) {
    const kind = integer ? 'a whole number' : 'a number';
    throw new AuthConfigError(`${name} is ${String(given)}; it must be ${kind} from ${min} to ${max}`);
  }
  return given;
}

export function booleanOption(name: string, given: boolean | undefined, fallback: boolean): boolean {
  if (given === undefined) return fallback;
  if (typeof given !== 'boolean') throw new AuthConfigError(`${name} is ${String(given)}; it must be true or false`);
  return given;
}

export function choiceOption<T extends string>(name: string, given: T | undefined, choices: readonly T[]): T {
  if (given === undefined) return choices[0]!;
  if (!choices.includes(given)) {
    throw new AuthConfigError(`${name} is '${String(given)}'; it must be one of ${choices.join(', ')}`);
  }
  return given;
}

/** @param shape how to write it, told where something else was given */
export function functionOption(name: string, given: unknown, shape: string): void {
  if (given === undefined || typeof given === 'function') return;
  throw new AuthConfigError(`${name} must be a function ${shape}`, { option: name });
}
