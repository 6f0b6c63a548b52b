import type { NameOf } from '../auth.errors.js';

/** Another default or narrower bounds than a row's own, where another option or the machine decides them. */
export interface Bounds {
  readonly fallback?: number | string;
  readonly min?: number;
  readonly max?: number;
  /** What the upper bound is, if not a fixed one. */
  readonly because?: string;
}

/** What a row says of an option, whatever its kind. */
export interface Described {
  /** One sentence: what it is for. */
  readonly about: string;
  /** The environment variable by which the service reads it. */
  readonly env?: string;
  /** What holds without it, in words, where that is no fixed value. */
  readonly without?: string;
  /** Can be given as `NAME_FILE` as well, the path of a file. */
  readonly secret?: true;
  /** The environment variable is the path of a file that holds the value. */
  readonly inFile?: true;
  /** The option that bounds it, for its description. */
  readonly upTo?: string;
  /** The default under `NODE_ENV=production`, where it is another one. */
  readonly inProduction?: string;
}

/**
 * A row of a table of options. `Given` is what a host writes, `Value` what it becomes after the check.
 * A group of options is an object of rows.
 */
export interface Option<Given = unknown, Value = Given> extends Described {
  /** A word for its values, such as `duration`. */
  readonly kind: string;
  /** What it may be, in words. */
  readonly range: (nameOf: NameOf) => string;
  /** The default as text, where it is a fixed value. */
  readonly fallback?: string;
  /** Reads the value of the environment variable. @throws AuthConfigError */
  readonly fromText: (text: string, option: string) => Given;
  /** @throws AuthConfigError that names the option and says what it may be */
  readonly check: (given: Given | undefined, option: string, bounds?: Bounds) => Value;
}

/** An option that a host has to give. */
export interface RequiredOption<Given, Value = Given> extends Option<Given, Value> {
  readonly required: true;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- rows of any types stand side by side
export type AnyOption = Option<any, any>;
export type OptionTable = { readonly [name: string]: AnyOption | OptionTable };

/** What a host writes: the rows of a table as properties. */
export type OptionsOf<Table> = {
  [Name in keyof Table as Table[Name] extends { required: true } ? Name : never]: GivenOf<Table[Name]>;
} & {
  [Name in keyof Table as Table[Name] extends { required: true } ? never : Name]?: GivenOf<Table[Name]> | undefined;
};

type GivenOf<Row> = Row extends Option<infer Given, infer _> ? Given : OptionsOf<Row>;

/** What a table's options are after all checks: in the same shape, with defaults, durations in milliseconds. */
export type CheckedOf<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer _, infer Value> ? Value : CheckedOf<Table[Name]>;
};
