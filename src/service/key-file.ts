import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeys, type AccessTokenAlgorithm } from '../index.js';

/**
 * The key set in the data folder, made at the first start and readable by its owner alone.
 * @returns the private JWKS as text
 */
export async function keysInFolder(folder: string, algorithm: AccessTokenAlgorithm = 'ES256'): Promise<string> {
  const path = join(folder, 'keys.json');
  const draft = `${path}.new`;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // Linked in place once it is whole: a crash in the middle leaves no half-written key file.
  await writeFile(draft, JSON.stringify(generateKeys(algorithm), null, 2), { mode: 0o600 });
  await chmod(draft, 0o600);
  await link(draft, path);
  await rm(draft);
  return readFile(path, 'utf8');
}
