import { readFileSync } from 'node:fs';
import { AuthConfigError } from '../../index.js';
import { readOptions, type AnyOption, type OptionsOf, type OptionTable } from '../../internal.js';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a table's options from environment variables.
 * @throws AuthConfigError that names the option
 */
export const fromEnvironment = <Table extends OptionTable>(table: Table, env: Environment): OptionsOf<Table> =>
  readOptions(table, (row) => settingText(env, row));

/** What the environment says of a row: its variable, or the file that the variable, or `NAME_FILE`, names. */
function settingText(env: Environment, { env: name, secret, inFile }: AnyOption): string | undefined {
  if (name === undefined) return undefined;
  const value = unquoted(name, text(env, name));
  if (inFile) return value === undefined ? undefined : readFile(name, value);
  const file = secret ? text(env, `${name}_FILE`) : undefined;
  if (file === undefined) return value;
  if (value !== undefined) throw new AuthConfigError(`Set ${name} or ${name}_FILE, not both`, { option: name });
  const content = readFile(`${name}_FILE`, file).replace(/\r?\n$/, '');
  if (content === '') throw AuthConfigError.of(`${name}_FILE`, `names the file ${file}, which is empty`);
  return content;
}

/** A shell and `.env` take quotes away; `docker run --env-file` does not, and a name with quotes would be another name. */
function unquoted(name: string, value: string | undefined): string | undefined {
  if (value === undefined || !/^(["']).*\1$/s.test(value)) return value;
  throw AuthConfigError.of(name, 'is in quotes, and they are part of it; write it without (docker keeps them)');
}

/** `NODE_ENV=production`. */
export const isProduction = (env: Environment): boolean => text(env, 'NODE_ENV') === 'production';

/** An empty value is one that was not set: that is what an unset variable in a compose file becomes. */
export const text = (env: Environment, name: string): string | undefined => env[name]?.trim() || undefined;

function readFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw AuthConfigError.of(name, `names the file ${path}, which cannot be read`, cause);
  }
}
