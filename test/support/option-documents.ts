import { describeOption, rowsOf, type OptionTable } from '../../src/internal.js';
import { settingOf, type SettingGroup } from '../../src/service/config/settings.js';

const plain = (text: string): string => text.replaceAll('`', '');

/** `.env.example`, as the tables of options make it. */
export function envExample(groups: readonly SettingGroup[]): string {
  const secrets = groups.flatMap(({ settings }) => settings.filter(({ row }) => row.secret).map(({ name }) => name));
  const head = [
    '# Settings of the Keyturn service. Copy to .env and uncomment what you change; an empty one counts as not set.',
    '# Durations have a unit: 500ms, 30s, 15m, 12h, 14d. NODE_ENV=production asks for safer defaults.',
    '# A secret can be given as a file instead, by its name with _FILE:',
    `# ${secrets.join(', ')}.`,
  ];
  const blocks = groups.flatMap(({ title, settings }) => [
    `# --- ${title} ---`,
    ...settings.map(({ name, row }) => {
      const { about, values, fallback } = describeOption(row, settingOf);
      const isValue = row.fallback !== undefined;
      const told = isValue && row.inProduction === undefined ? '' : ` Default: ${plain(fallback)}.`;
      return `# ${plain(about)}. ${capital(plain(values))}.${told}\n#${name}=${isValue ? row.fallback : ''}`;
    }),
  ]);
  return `${head.join('\n')}\n\n${blocks.join('\n\n')}\n`;
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const cell = (text: string): string => text.replaceAll('|', '\\|');

/** A table of docs/options.md: what code calls an option, what the environment calls it, its values and its meaning. */
export function optionsTable(table: OptionTable): string {
  const rows = rowsOf(table).map(({ name, row }) => {
    const { about, values, fallback } = describeOption(row, (option) => `\`${option}\``);
    const env = row.env === undefined ? '–' : `\`${row.env}\`${row.secret ? ', `_FILE`' : ''}`;
    return [`\`${name}\``, env, row.fallback === undefined ? fallback : `\`${row.fallback}\``, values, about];
  });
  return markdown(['option', 'environment', 'default', 'values', 'meaning'], rows);
}

/** A table of settings that only the service has. */
export function settingsTable(table: OptionTable): string {
  const rows = rowsOf(table).map(({ row }) => {
    const { about, values, fallback } = describeOption(row, (option) => `\`${settingOf(option)}\``);
    return [`\`${row.env}\`${row.secret ? ', `_FILE`' : ''}`, fallback, values, about];
  });
  return markdown(['environment', 'default', 'values', 'meaning'], rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}
