import { AuthConfigError } from '../auth.errors.js';
import { closest } from './closest.js';
import type { AnyOption, Bounds, CheckedOf, OptionsOf, OptionTable } from './option.js';

/** A row with its name in the table, such as `sliding.on`. */
export interface NamedOption {
  readonly name: string;
  readonly row: AnyOption;
}

const isRow = (entry: AnyOption | OptionTable): entry is AnyOption => typeof entry.check === 'function';

/** The rows of a table, those of its groups among them. */
export function rowsOf(table: OptionTable, prefix = ''): NamedOption[] {
  return Object.entries(table).flatMap(([key, entry]) =>
    isRow(entry) ? [{ name: prefix + key, row: entry }] : rowsOf(entry, `${prefix}${key}.`),
  );
}

/**
 * Checks what a host wrote against a table, and fills in the defaults.
 * @param bounds of options that another option bounds, by name
 * @throws AuthConfigError that names the option and says what it may be
 */
export function checkOptions<Table extends OptionTable>(
  table: Table,
  given: object | undefined,
  { prefix = '', bounds = {} }: { prefix?: string; bounds?: Readonly<Record<string, Bounds>> } = {},
): CheckedOf<Table> {
  if (given !== undefined) refuseUnknown(given, Object.keys(table), prefix.slice(0, -1));
  const values = (given ?? {}) as Readonly<Record<string, never>>;
  const checked = Object.entries(table).map(([key, entry]) => {
    const name = prefix + key;
    return [
      key,
      isRow(entry)
        ? entry.check(values[key], name, bounds[name])
        : checkOptions(entry, values[key], { prefix: `${name}.`, bounds }),
    ];
  });
  return Object.fromEntries(checked) as CheckedOf<Table>;
}

/**
 * Refuses what a factory returns and its module reads beside it, or the other way round: it would have no effect.
 * @param elsewhere the options that belong in the other place
 */
export function refuseMisplaced(
  given: object | null | undefined,
  elsewhere: object,
  problem = 'stands beside useFactory, not in what it returns: Nest must know it before',
): void {
  const name = Object.keys(elsewhere).find((key) => Object.hasOwn(given ?? {}, key));
  if (name !== undefined) throw AuthConfigError.of(name, problem);
}

/**
 * Refuses what is no object of known options: `tokenCache: false` has no member to refuse, and would pass for the
 * defaults.
 * @param group the option that holds them; empty for the options of a module
 * @param where how the message calls them, for what has no name as an option
 */
export function refuseUnknown(given: object, known: readonly string[], group: string, where = ''): void {
  if (group === '' && (given === undefined || given === null)) {
    throw AuthConfigError.of('the options', `are ${String(given)}; useFactory must return an object`);
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw AuthConfigError.of(group || 'the options', `must be an object with ${known.join(', ')}`);
  }
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const meant = unknown.length === 1 ? closest(unknown[0]!, known) : undefined;
  const option = group === '' ? unknown[0]! : `${group}.${unknown[0]!}`;
  throw AuthConfigError.of(option, (nameOf) => {
    const of = where || (group && `option of ${nameOf(group)}`) || 'option';
    return `unknown ${of}: ${unknown.join(', ')}; ${meant ? `did you mean ${meant}? Known` : 'known'} are ${known.join(', ')}`;
  });
}

/**
 * Reads a table's options from named texts, such as environment variables.
 * @param textOf the text of a row, or undefined where none is given
 * @throws AuthConfigError for a text that cannot be the option's value
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  textOf: (row: AnyOption) => string | undefined,
  prefix = '',
): OptionsOf<Table> {
  const read = Object.entries(table).flatMap(([key, entry]) => {
    const name = prefix + key;
    if (!isRow(entry)) return [[key, readOptions(entry, textOf, `${name}.`)]];
    const text = textOf(entry);
    return text === undefined ? [] : [[key, entry.fromText(text, name)]];
  });
  return Object.fromEntries(read) as OptionsOf<Table>;
}

/** How an environment calls the options of some tables; a part of an option is called by what the whole is called. */
export function environmentNames(rows: readonly NamedOption[]): (option: string) => string {
  const names = new Map(rows.flatMap(({ name, row }) => (row.env === undefined ? [] : [[name, row.env] as const])));
  return (option) => {
    for (let end = option.length; end > 0; end = option.lastIndexOf('.', end - 1)) {
      const name = names.get(option.slice(0, end));
      if (name !== undefined) return name + option.slice(end);
    }
    return option;
  };
}
