import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support/source-imports.js';

const FOLDER = join(root, 'test/clients');
const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
const clients = readdirSync(join(FOLDER, 'clients')).map((file) => ({
  file,
  source: readFileSync(join(FOLDER, 'clients', file), 'utf8'),
}));

/** What only somebody writes who speaks OAuth or verifies tokens by himself. */
const OWN_PROTOCOL = /grant_type=|\/oauth\/|x-www-form-urlencoded|Basic \$|base64url|createHmac|createVerify|subtle\./;
/** curl is told its parameters by whoever calls it; what nginx asks stands in its configuration. */
const NO_PACKAGE = ['curl.mjs', 'nginx.mjs'];

describe('published clients against the service', () => {
  it.each(clients)('$file lets its client speak, and speaks no OAuth by itself', ({ file, source }) => {
    if (file !== 'curl.mjs') expect(source).not.toMatch(OWN_PROTOCOL);
    if (NO_PACKAGE.includes(file)) return;
    const imported = [...source.matchAll(/from '([^'.][^']*)'/g)].map(([, name]) => name!);
    const packages = Object.keys(dependencies).filter((one) =>
      imported.some((name) => `${name}/`.startsWith(`${one}/`)),
    );
    expect(packages).not.toEqual([]);
  });

  it('are unmodified: their packages come from the registry, as their lock file says', () => {
    const lock = JSON.parse(readFileSync(join(FOLDER, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { resolved?: string; integrity?: string }>;
    };
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
    expect(
      packages.filter(([, { resolved }]) => resolved && !resolved.startsWith('https://registry.npmjs.org/')),
    ).toEqual([]);
    expect(packages.filter(([, one]) => !one.integrity)).toEqual([]);
  });
});
