import { access, chmod, constants, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AuthConfigError } from '../../index.js';
import { lockFolder, type LostListener } from './folder-lock.js';
import { makeFolder } from './make-folder.js';

/** `DATA_DIR`, while this process is the only one that uses it. */
export interface DataFolder {
  readonly path: string;
  /** Lets the next process in. Close first what is open in the folder. */
  release(): Promise<void>;
}

/**
 * Makes the folder, for its owner alone, if it is not there, and keeps every other process out of it until it is
 * released or this process dies.
 *
 * @param onLost called when the folder was deleted, or another machine took it over; by default this ends the process,
 *   because writing on would destroy what the next holder writes
 * @throws AuthConfigError naming `DATA_DIR`, when another process has it or it cannot be used
 * @example const folder = await openDataFolder('./data');
 */
export async function openDataFolder(path: string, onLost: LostListener = endProcess): Promise<DataFolder> {
  try {
    await makeFolder(path);
    const folder = await realpath(path);
    await refuseForeign(folder);
    await access(folder, constants.W_OK);
    await keepToOwner(folder);
    const lock = await lockFolder(folder, onLost);
    return { path: folder, release: () => lock.release() };
  } catch (cause) {
    if (cause instanceof AuthConfigError) throw cause;
    throw AuthConfigError.of('DATA_DIR', `${path} cannot be used: ${reasonOf(cause)}`, cause);
  }
}

/** What the service writes there, and what file systems and editors leave. */
const EXPECTED = /^(users(\.unfinished)?|keys\.json.*|lock\..*|lost\+found|\..*)$/;

/** A folder of somebody else's was most likely not meant, and its mode must not be changed. */
async function refuseForeign(folder: string): Promise<void> {
  const entries = await readdir(folder);
  const foreign = entries.filter((name) => !EXPECTED.test(name));
  if (foreign.length === 0 || entries.some((name) => name === 'users' || name === 'keys.json')) return;
  const some = foreign.slice(0, 3).join(', ');
  throw AuthConfigError.of('DATA_DIR', `${folder} holds other files (${some}); give an empty folder, or Keyturn's own`);
}

/** Its files hold password hashes and keys, and PGlite makes them readable for everybody. */
async function keepToOwner(folder: string): Promise<void> {
  // Windows has no such bits, and Node makes some up.
  if (process.platform === 'win32' || ((await stat(folder)).mode & OTHERS) === 0) return;
  try {
    await chmod(folder, 0o700);
  } catch (cause) {
    throw AuthConfigError.of(
      'DATA_DIR',
      `${folder} is open to other users, who could read password hashes, and is not this user's to close; ` +
        `give a folder in it, such as ${join(folder, 'keyturn')}, which is made for this user alone`,
      cause,
    );
  }
}

const OTHERS = 0o077;

function reasonOf(cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return 'it is a file, and not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOENT':
      return 'it is not there and cannot be made';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

function endProcess({ message }: Error): void {
  process.stderr.write(`Keyturn stops: ${message}\n`);
  process.exit(1);
}
