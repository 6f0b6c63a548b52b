import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support/source-imports.js';

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: true;
  readonly dev?: true;
}

const lockedIn = (folder: string): [string, Locked][] => {
  const { packages } = JSON.parse(readFileSync(join(root, folder, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, Locked>>;
  };
  return Object.entries(packages).filter(([path]) => path !== '');
};
const locked = lockedIn('.');
const pathsOf = (test: (entry: Locked) => boolean): string[] =>
  locked.filter(([, entry]) => test(entry)).map(([path]) => path);

describe('what an installation gets', () => {
  it('is checked by a checksum of each package, on every platform; node scripts/complete-lock.mjs adds them', () => {
    expect(pathsOf(({ integrity }) => !integrity?.startsWith('sha512-'))).toEqual([]);
  });

  it('comes from no address of the machine that locked it', () => {
    expect(pathsOf(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it('runs no script in production: the telemetry of swagger-ui-dist is replaced by an inert package', () => {
    expect(pathsOf(({ hasInstallScript, dev }) => hasInstallScript === true && !dev)).toEqual([]);
  });

  it.each(['examples/next', 'examples/web'])(
    'is checked in %s as well, and comes from no address of a machine',
    (folder) => {
      const others = lockedIn(folder);
      expect(others.length).toBeGreaterThan(10);
      expect(others.filter(([, one]) => !one.integrity?.startsWith('sha512-') || one.resolved !== undefined)).toEqual(
        [],
      );
    },
  );
});
