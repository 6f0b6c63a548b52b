import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthConfigError } from '../../index.js';
import { checkEnvFile } from './env-file.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-env-'));
  path = join(folder, '.env');
});
afterEach(() => rm(folder, { recursive: true }));

const SETTINGS = 'PORT=4000\n';

describe('a file of settings', () => {
  it('may be missing, and may begin with a byte order mark', async () => {
    checkEnvFile(path);
    await writeFile(path, `\uFEFF${SETTINGS}`);
    checkEnvFile(path);
  });

  it('in UTF-16, as PowerShell writes it, is refused: none of its settings would count, and nothing would say so', async () => {
    await writeFile(path, `\uFEFF${SETTINGS}`, 'utf16le');
    expect(() => checkEnvFile(path)).toThrow(AuthConfigError);
    expect(() => checkEnvFile(path)).toThrow(`${path} is not in UTF-8, so nothing in it counts`);
  });

  it('that cannot be read is refused with the reason', () => {
    expect(() => checkEnvFile(folder)).toThrow(`${folder} cannot be read (EISDIR)`);
  });
});
