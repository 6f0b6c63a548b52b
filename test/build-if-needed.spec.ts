import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './support/source-imports.js';

/** What the build needs of its tools, in no time; the compiler saves a file of the sources when it is told to. */
const TOOLS = {
  'node_modules/@nestjs/cli/bin/nest.js': `
    const { mkdirSync, writeFileSync } = require('node:fs');
    mkdirSync('dist/esm/service/database', { recursive: true });
    writeFileSync('dist/esm/service/database/embedded-database.js',
      'export const dumpNewDatabase = async () => new Blob(["x"]);');
    if (process.env.SAVE) writeFileSync(process.env.SAVE, '// saved while it is compiled');`,
  'node_modules/esbuild/package.json': '{ "name": "esbuild", "type": "module", "exports": "./index.js" }',
  'node_modules/esbuild/index.js': 'export const build = async () => ({ outputFiles: [], metafile: {} });',
  'node_modules/typescript/package.json': '{ "name": "typescript", "type": "module", "exports": "./index.js" }',
  'node_modules/typescript/index.js': 'export default {};',
};

describe('npm start builds what has changed', () => {
  let clone: string;
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'keyturn clone ü '));
    for (const path of ['scripts', 'package.json']) cpSync(join(root, path), join(clone, path), { recursive: true });
    mkdirSync(join(clone, 'src/pages'), { recursive: true });
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  const install = () => {
    for (const [path, text] of Object.entries(TOOLS)) {
      mkdirSync(dirname(join(clone, path)), { recursive: true });
      writeFileSync(join(clone, path), text);
    }
  };
  const buildIfNeeded = (env = {}) =>
    spawnSync(process.execPath, ['scripts/build-if-needed.mjs'], {
      cwd: clone,
      env: { PATH: process.env.PATH, ...env },
      encoding: 'utf8',
    });

  it('says that npm ci comes first, where Node would print a page of its loader', () => {
    const { status, stderr } = buildIfNeeded();

    expect(stderr).toBe('The packages that build Keyturn are not installed: run `npm ci`, without --omit=dev.\n');
    expect(status).toBe(1);
  });

  it('builds again what was saved while it built, which that build may not have', () => {
    install();
    expect(buildIfNeeded({ SAVE: 'src/late.ts' })).toMatchObject({ status: 0, stderr: '' });

    expect(buildIfNeeded().stdout).toContain('build: done');
    expect(buildIfNeeded().stdout).toBe('');
  });
});
