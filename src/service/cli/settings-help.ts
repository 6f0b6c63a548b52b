import { describeOption } from '../../internal.js';
import { settingOf, type SettingGroup } from '../config/settings.js';

/** The settings of the service as `keyturn --help` prints them. */
export function settingsHelp(groups: readonly SettingGroup[]): string {
  const blocks = groups.map(({ title, settings }) => {
    const lines = settings.map(({ name, row }) => {
      const { about, values, fallback } = describeOption(row, settingOf);
      const file = row.secret ? ` (or ${name}_FILE)` : '';
      return `  ${name}${file}\n      ${about}.\n      ${values}; default: ${fallback}`.replaceAll('`', '');
    });
    return `${title}:\n${lines.join('\n')}`;
  });
  return `${blocks.join('\n\n')}\n`;
}
