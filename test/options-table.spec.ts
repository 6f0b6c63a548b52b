import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import {
  AUTH_EXTRAS,
  CLIENT_OPTIONS,
  OPTIONS,
  REDIS_OPTIONS,
  RESOURCE_SERVER_EXTRAS,
  RESOURCE_SERVER_TABLE,
  type OptionTable,
} from '../src/internal.js';
import { settingsHelp } from '../src/service/cli/settings-help.js';
import { PRODUCTION_OPTIONS, PRODUCTION_RULES } from '../src/service/config/production.js';
import {
  ACCOUNT_OPTIONS,
  DATABASE_OPTIONS,
  LOG_OPTIONS,
  SERVER_OPTIONS,
} from '../src/service/config/service-options.js';
import {
  SETTING_GROUPS,
  settingOf,
  SETTINGS,
  type Setting,
  type SettingGroup,
} from '../src/service/config/settings.js';
import { envExample, optionsTable, settingsTable } from './support/option-documents.js';
import { root } from './support/source-imports.js';

const TABLES: Readonly<Record<string, OptionTable>> = {
  AUTH_EXTRAS,
  OPTIONS,
  CLIENT_OPTIONS,
  REDIS_OPTIONS,
  RESOURCE_SERVER_EXTRAS,
  RESOURCE_SERVER_TABLE,
  SERVER_OPTIONS,
  DATABASE_OPTIONS,
  ACCOUNT_OPTIONS,
  LOG_OPTIONS,
  PRODUCTION_OPTIONS,
};
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** docs/options.md with its tables made anew; what stands around them is written by hand. */
function optionsPage(page: string, tables: Readonly<Record<string, OptionTable>>): string {
  const rules = PRODUCTION_RULES.map(
    ({ name, says }) => `- ${name === undefined ? 'always refused' : `\`${name}\``}: ${says}.`,
  ).join('\n');
  return page
    .replace(
      /(<!-- options: (\w+) -->\n)[^]*?(<!-- \/options -->)/g,
      (_, head: string, name: string, end: string) => `${head}\n${optionsTable(tables[name]!)}\n\n${end}`,
    )
    .replace(
      /(<!-- settings: (\w+) -->\n)[^]*?(<!-- \/settings -->)/g,
      (_, head: string, name: string, end: string) => `${head}\n${settingsTable(tables[name]!)}\n\n${end}`,
    )
    .replace(/(<!-- production rules -->\n)[^]*?(<!-- \/production rules -->)/, `$1\n${rules}\n\n$2`);
}

// Prettier aligns the columns of a table; that is no difference.
const loose = (text: string): string => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');

beforeAll(() => {
  if (!process.env.UPDATE_OPTIONS) return;
  writeFileSync(join(root, '.env.example'), envExample(SETTING_GROUPS));
  writeFileSync(join(root, 'docs/options.md'), optionsPage(read('docs/options.md'), TABLES));
});

describe('what is written of the options is what the tables say; make it anew with UPDATE_OPTIONS=1', () => {
  it('.env.example', () => {
    expect(read('.env.example')).toBe(envExample(SETTING_GROUPS));
  });

  it('docs/options.md', () => {
    const page = read('docs/options.md');
    expect(loose(page)).toBe(loose(optionsPage(page, TABLES)));
  });

  it('keyturn --help names every setting', () => {
    const help = settingsHelp(SETTING_GROUPS);
    expect(
      SETTINGS.filter(({ name, row }) => !help.includes(`  ${name}`) || !help.includes(row.range(settingOf))),
    ).toEqual([]);
  });

  it('docs/options.md has every table, so that no option is left out', () => {
    const page = read('docs/options.md');
    expect(SETTINGS.filter(({ name }) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('a row that is taken out', () => {
  const without = (gone: Setting): SettingGroup[] =>
    SETTING_GROUPS.map(({ title, settings }) => ({ title, settings: settings.filter((setting) => setting !== gone) }));
  const reduced = (table: OptionTable, gone: Setting): OptionTable =>
    Object.fromEntries(
      Object.entries(table).flatMap(([name, entry]): [string, OptionTable[string]][] => {
        if (entry === gone.row) return [];
        return [[name, typeof entry.check === 'function' ? entry : reduced(entry as OptionTable, gone)]];
      }),
    );

  it.each(SETTINGS.map((setting) => [setting.name, setting] as const))(
    'is missed by .env.example, docs and --help: %s',
    (_name, setting) => {
      expect(envExample(without(setting))).not.toBe(read('.env.example'));
      expect(settingsHelp(without(setting))).not.toBe(settingsHelp(SETTING_GROUPS));
      const page = read('docs/options.md');
      const tables = Object.entries(TABLES).map(([table, rows]) => [table, reduced(rows, setting)]);
      expect(loose(optionsPage(page, Object.fromEntries(tables) as typeof TABLES))).not.toBe(loose(page));
    },
  );

  it('is missed by the types of the code that obeys it', () => {
    const taken: Record<string, RegExp> = {
      'src/options/auth-options.ts': / {2}grace: duration\(\{[^]*?\}\),\n/,
      'src/service/config/service-options.ts': / {2}shutdownDelay: duration\(\{[^]*?\}\),\n/,
    };
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const host = ts.createCompilerHost(options);
    const { readFile } = host;
    host.readFile = (path) => {
      const row = Object.entries(taken).find(([file]) => path === join(root, file))?.[1];
      const text = readFile(path);
      if (row && text) expect(text).toMatch(row);
      return row ? text?.replace(row, '') : text;
    };
    const users = { 'src/options/policy-report.ts': 'grace', 'src/main.ts': 'shutdownDelay' };
    const program = ts.createProgram(
      Object.keys(users).map((file) => join(root, file)),
      options,
      host,
    );
    for (const [file, option] of Object.entries(users)) {
      const errors = program.getSemanticDiagnostics(program.getSourceFile(join(root, file)));
      expect(errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')).join()).toContain(
        option,
      );
    }
  });
});
