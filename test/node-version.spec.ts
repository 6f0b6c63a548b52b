import { execFileSync } from 'node:child_process';

/** Asks the script as plain Node runs it. */
const isSupported = (...versions: string[]): boolean[] =>
  JSON.parse(
    execFileSync(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { isSupported } from './scripts/node-version.mjs';
      console.log(JSON.stringify(${JSON.stringify(versions)}.map((version) => isSupported(version))));`,
    ]).toString(),
  ) as boolean[];

describe('the version of Node', () => {
  it('is looked at before anything is built, so that an old one is told in one line', () => {
    expect(isSupported('20.19.0', '20.20.2', '22.12.0', '24.0.0', '26.1.0')).toEqual([true, true, true, true, true]);
    expect(isSupported('18.20.4', '20.18.3', '21.7.0', '22.11.0', '23.9.0')).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
