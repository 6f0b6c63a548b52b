import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import {
  AUTH_EXTRAS,
  checkOptions,
  CLIENT_OPTIONS,
  duration,
  OPTIONS,
  readOptions,
  REDIS_OPTIONS,
  RESOURCE_SERVER_EXTRAS,
  RESOURCE_SERVER_TABLE,
  type OptionTable,
} from '../src/internal.js';
import { settingsHelp } from '../src/service/cli/settings-help.js';
import { MAIL_OPTIONS } from '../src/service/config/mail-options.js';
import { PRODUCTION_OPTIONS, PRODUCTION_RULES } from '../src/service/config/production.js';
import {
  ACCOUNT_OPTIONS,
  DATABASE_OPTIONS,
  LOG_OPTIONS,
  WEBHOOK_OPTIONS,
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
  MAIL_OPTIONS,
  LOG_OPTIONS,
  WEBHOOK_OPTIONS,
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
      'src/options/rotation-options.ts': / {2}grace: duration\(\{[^]*?\}\),\n/,
      'src/service/config/service-options.ts': / {2}shutdownDelay: duration\(\{[^]*?\}\),\n/,
    };
    const users = { 'src/options/policy-report.ts': 'grace', 'src/service/start.ts': 'shutdownDelay' };
    const faults = faultsOf(Object.keys(users), (file, text) => {
      const row = taken[file];
      if (row) expect(text).toMatch(row);
      return row ? text.replace(row, '') : text;
    });
    for (const [file, option] of Object.entries(users)) expect(faults(file).join()).toContain(option);
  });
});

describe('a row that is added', () => {
  const row = duration({
    env: 'SESSION_NOTICE',
    fallback: '5m',
    min: '1m',
    max: '1h',
    about: 'How long before its end a session is announced',
  });
  const table = { ...OPTIONS, notice: row };
  const groups = [...SETTING_GROUPS, { title: 'New', settings: [{ name: 'SESSION_NOTICE', option: 'notice', row }] }];

  it('is in .env.example, docs and --help, because these are made from the tables', () => {
    expect(envExample(groups)).toContain('#SESSION_NOTICE=5m');
    expect(settingsHelp(groups)).toMatch(/SESSION_NOTICE\n.*How long before its end.*\n.*1m to 1h; default: 5m/);
    expect(loose(optionsPage(read('docs/options.md'), { ...TABLES, OPTIONS: table }))).toContain(
      '| `notice` | `SESSION_NOTICE` | `5m` |',
    );
  });

  it('is read from the environment, checked, and refused by its name', () => {
    const text = (wanted: object) => (wanted === row ? '10m' : undefined);

    expect(readOptions(table, text)).toMatchObject({ notice: '10m' });
    expect(checkOptions({ notice: row }, {})).toEqual({ notice: 300_000 });
    expect(() => checkOptions({ notice: row }, { notice: '2h' })).toThrow(/^notice .*1h/);
  });

  it('is known to the types of hosts and of the code that obeys it, and to nobody without it', () => {
    const probe = 'test/added-option.ts';
    const added = `  notice: duration({ fallback: '5m', min: '1m', max: '1h', about: 'Announced' }),\n  grace: duration({`;
    const code = `import { resolveOptions, type AuthModuleOptions } from '../src/index.js';
      const given: AuthModuleOptions = { issuer: 'https://auth.example', keys: '', notice: '10m' };
      export const milliseconds: number = resolveOptions(given, 'refresh').notice;`;
    const withRow = (isThere: boolean) =>
      faultsOf([probe], (file, text) => {
        if (file === probe) return code;
        if (file !== 'src/options/auth-options.ts' || !isThere) return text;
        expect(text).toContain('  grace: duration({');
        return text.replace('  grace: duration({', added);
      })(probe);

    expect(withRow(true)).toEqual([]);
    expect(withRow(false).join()).toContain('notice');
  });
});

/** What the compiler has against files, when sources read as `change` makes them. */
function faultsOf(entries: readonly string[], change: (file: string, text: string) => string) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  const isEntry = (path: string): boolean => entries.includes(relative(root, path));
  host.fileExists = (path) => isEntry(path) || fileExists(path);
  host.readFile = (path) => {
    const text = readFile(path) ?? (isEntry(path) ? '' : undefined);
    return text === undefined ? undefined : change(relative(root, path), text);
  };
  const program = ts.createProgram(
    entries.map((file) => join(root, file)),
    options,
    host,
  );
  return (file: string): string[] =>
    program
      .getSemanticDiagnostics(program.getSourceFile(join(root, file)))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}
