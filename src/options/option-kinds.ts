import { AuthConfigError, type NameOf } from '../auth.errors.js';
import { formatDuration, parseDuration, type Duration } from './durations.js';
import type { Described, Option, RequiredOption } from './option.js';

const asItIs = (text: string): string => text;

/** A duration such as `'30s'`; after the check milliseconds. A default is lowered to its bound, a given value refused. */
export function duration(
  row: Described & { fallback: Duration; min: Duration; max: Duration },
): Option<Duration, number> {
  const own = { min: parseDuration(row.min, 'min'), max: parseDuration(row.max, 'max') };
  return {
    ...row,
    kind: 'duration',
    range: (nameOf) => `${row.min} to ${row.upTo === undefined ? row.max : nameOf(row.upTo)}`,
    fromText: asItIs as (text: string) => Duration,
    check: (given, option, bounds = {}) => {
      const { min, max } = { ...own, ...bounds };
      if (given === undefined)
        return Math.min(
          bounds.fallback === undefined ? parseDuration(row.fallback, option) : Number(bounds.fallback),
          max,
        );
      const value = parseDuration(given, option);
      if (value >= min && value <= max) return value;
      const upper = bounds.because === undefined ? formatDuration(max) : `${formatDuration(max)} (${bounds.because})`;
      throw AuthConfigError.of(option, `is '${given}'; it must be from ${formatDuration(min)} to ${upper}`);
    },
  };
}

type Numeric = Described & { readonly min: number; readonly max: number };

/** A number, such as a share. */
export const number = (row: Numeric & { fallback: number }): Option<number> => numeric(row, 'number', 'a number');

/** A whole number; without a default it may be left out. */
export function whole(row: Numeric & { fallback: number }): Option<number>;
export function whole(row: Numeric): Option<number, number | undefined>;
export function whole(row: Numeric & { fallback?: number }): Option<number, number | undefined> {
  return numeric(row, 'whole number', 'a whole number', Number.isInteger);
}

function numeric(
  { fallback, ...row }: Numeric & { fallback?: number },
  kind: string,
  noun: string,
  isKind: (value: number) => boolean = () => true,
): Option<number> {
  return {
    ...row,
    fallback: fallback?.toString(),
    kind,
    range: () => `${row.min} to ${row.max}`,
    fromText: (text, option) => {
      if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
      throw AuthConfigError.of(option, `is '${text}'; it must be ${noun} from ${row.min} to ${row.max}`);
    },
    check: (given, option, bounds = {}) => {
      if (given === undefined) return (bounds.fallback ?? fallback) as number;
      if (typeof given === 'number' && given >= row.min && given <= row.max && isKind(given)) return given;
      throw AuthConfigError.of(option, `is ${named(given)}; it must be ${noun} from ${row.min} to ${row.max}`);
    },
  };
}

/** A value in a sentence. Else the text 'true' would read like the value true, which the sentence asks for. */
const named = (given: unknown): string => (typeof given === 'string' ? `the text '${given}'` : String(given));

/** True or false. */
export function flag(row: Described & { fallback: boolean }): Option<boolean> {
  return {
    ...row,
    fallback: String(row.fallback),
    kind: 'boolean',
    range: () => 'true or false',
    fromText: (text, option) => {
      if (text === 'true' || text === 'false') return text === 'true';
      throw AuthConfigError.of(option, `is '${text}'; it must be true or false`);
    },
    check: (given, option) => {
      if (given === undefined) return row.fallback;
      if (typeof given === 'boolean') return given;
      throw AuthConfigError.of(option, `is ${named(given)}; it must be true or false`);
    },
  };
}

/** One of some words; the first is the default unless the row says otherwise. */
export function choice<const Choice extends string>(
  choices: readonly Choice[],
  row: Described & { fallback?: Choice; inProduction?: Choice },
): Option<Choice> {
  const fallback = row.fallback ?? choices[0]!;
  return {
    ...row,
    fallback,
    kind: 'word',
    range: () => inWords(choices),
    fromText: asItIs as (text: string) => Choice,
    check: (given, option, bounds = {}) => {
      if (given === undefined) return (bounds.fallback as Choice | undefined) ?? fallback;
      if (choices.includes(given)) return given;
      throw AuthConfigError.of(option, `is '${String(given)}'; it must be one of ${choices.join(', ')}`);
    },
  };
}

const inWords = (choices: readonly string[]): string =>
  choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

interface Tested extends Described {
  /** What is wrong with a value, as the rest of a sentence that begins with the option's name; undefined if nothing. */
  readonly problem?: (given: string) => string | undefined;
  /** What it may be, in words. */
  readonly range?: string;
  readonly kind?: string;
}

/** Text; without a default it may be left out. */
export function text(row: Tested & { fallback: string }): Option<string, string>;
export function text(row: Tested): Option<string, string | undefined>;
export function text({
  problem,
  range = '',
  kind = 'text',
  ...row
}: Tested & { fallback?: string }): Option<string, string | undefined> {
  return {
    ...row,
    kind,
    range: () => range,
    fromText: asItIs,
    check: (given: string | undefined, option: string) => {
      if (given === undefined) return row.fallback;
      const wrong = typeof given === 'string' ? problem?.(given) : 'must be text';
      if (wrong === undefined) return given;
      throw AuthConfigError.of(option, wrong);
    },
  };
}

/** A list of texts; in an environment variable they are separated by commas. */
export function list({
  problem,
  range = '',
  kind = 'list',
  ...row
}: Tested): Option<readonly string[], readonly string[]> {
  return {
    ...row,
    kind,
    range: () => `${range}; separated by commas`.replace(/^; /, ''),
    fromText: commaSeparated,
    check: (given, option) => {
      if (given === undefined) return [];
      if (!Array.isArray(given)) throw AuthConfigError.of(option, 'must be a list');
      for (const entry of given as readonly unknown[]) {
        const wrong = typeof entry === 'string' ? problem?.(entry) : `has ${JSON.stringify(entry)}, which is no text`;
        if (wrong !== undefined) throw AuthConfigError.of(option, wrong);
      }
      return given;
    },
  };
}

const commaSeparated = (value: string): string[] =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

interface Custom<Given, Value> extends Described {
  readonly kind: string;
  readonly range?: string | ((nameOf: NameOf) => string);
  readonly fallback?: string;
  readonly fromText?: (text: string, option: string) => Given;
  readonly check: (given: Given | undefined, option: string) => Value;
}

/** What is of no common kind. */
export function special<Given, Value = Given>({
  range = '',
  fromText = notFromText,
  ...row
}: Custom<Given, Value>): Option<Given, Value> {
  return { ...row, range: typeof range === 'function' ? range : () => range, fromText };
}

function notFromText(_text: string, option: string): never {
  throw AuthConfigError.of(option, 'cannot be given as text');
}

/** A function of the host's. */
export function callback<Given extends Function>(row: Described & { shape: string }): Option<Given, Given | undefined>;
export function callback<Given extends Function, Value extends Given>(
  row: Described & { shape: string; fallback: Value },
): Option<Given, Given>;
export function callback<Given extends Function>({
  shape,
  fallback,
  ...row
}: Described & { shape: string; fallback?: Given }): Option<Given, Given | undefined> {
  return special<Given, Given | undefined>({
    ...row,
    kind: 'function',
    range: `\`${shape}\``,
    check: (given, option) => {
      if (given === undefined) return fallback;
      if (typeof given === 'function') return given;
      throw AuthConfigError.of(option, `must be a function ${shape}`);
    },
  });
}

/** Marks an option that a host has to give. */
export const required = <Given, Value>(option: Option<Given, Value>): RequiredOption<Given, Value> => ({
  ...option,
  required: true,
});
