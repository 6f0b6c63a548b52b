import { AuthConfigError } from '../../index.js';
import { AUTH_EXTRAS, environmentNames, OPTIONS, REDIS_OPTIONS, rowsOf, type AnyOption } from '../../internal.js';
import { MAIL_OPTIONS } from './mail-options.js';
import { PRODUCTION_OPTIONS } from './production.js';
import { ACCOUNT_OPTIONS, DATABASE_OPTIONS, LOG_OPTIONS, SERVER_OPTIONS, WEBHOOK_OPTIONS } from './service-options.js';

/** A row that the service reads from the environment. */
export interface Setting {
  /** Of the environment variable. */
  readonly name: string;
  /** Of the option, as its table calls it. */
  readonly option: string;
  readonly row: AnyOption;
}

const TABLES = {
  Server: SERVER_OPTIONS,
  'Tokens and sessions': { ...AUTH_EXTRAS, ...OPTIONS },
  Redis: REDIS_OPTIONS,
  Users: { ...DATABASE_OPTIONS, ...ACCOUNT_OPTIONS },
  Mail: MAIL_OPTIONS,
  Operation: { ...LOG_OPTIONS, ...WEBHOOK_OPTIONS, ...PRODUCTION_OPTIONS },
};

/** Settings that belong together, under a heading. */
export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly Setting[];
}

/** What the service can be set by, under headings: the rows of all tables that have an environment variable. */
export const SETTING_GROUPS: readonly SettingGroup[] = Object.entries(TABLES).map(([title, table]) => ({
  title,
  settings: rowsOf(table).flatMap(({ name: option, row }): Setting[] =>
    row.env === undefined ? [] : [{ name: row.env, option, row }],
  ),
}));

export const SETTINGS: readonly Setting[] = SETTING_GROUPS.flatMap(({ settings }) => settings);

/** What the environment calls an option: `grace` is `REFRESH_GRACE`, `clients.web.idleTtl` is `AUTH_CLIENTS.web.idleTtl`. */
export const settingOf = environmentNames(Object.values(TABLES).flatMap((table) => rowsOf(table)));

/** Does what may throw an error about an option, and names the setting in its place. */
export function namingSettings<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof AuthConfigError ? error.renamed(settingOf) : error;
  }
}
