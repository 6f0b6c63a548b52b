import { readFileSync } from 'node:fs';
import { AuthConfigError } from '../../index.js';

/**
 * Looks at a file of settings that may be missing. The one who reads it ignores what it does not understand, and of a file
 * in another encoding that is all of it.
 * @throws AuthConfigError where the file is there and cannot be read
 */
export function checkEnvFile(path: string): void {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new AuthConfigError(`${path} cannot be read (${code})`, { cause });
  }
  if (!bytes.includes(0)) return;
  throw new AuthConfigError(
    `${path} is not in UTF-8, so nothing in it counts; save it as UTF-8 (PowerShell writes UTF-16)`,
  );
}
