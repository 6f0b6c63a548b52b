import { mkdir, realpath } from 'node:fs/promises';
import { AuthConfigError } from '../../index.js';
import { lockFolder, type LostListener } from './folder-lock.js';

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
    await mkdir(path, { recursive: true, mode: 0o700 });
    const folder = await realpath(path);
    const lock = await lockFolder(folder, onLost);
    return { path: folder, release: () => lock.release() };
  } catch (cause) {
    if (cause instanceof AuthConfigError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AuthConfigError(`DATA_DIR ${path} cannot be used: ${reason}`, { cause });
  }
}

function endProcess({ message }: Error): void {
  process.stderr.write(`Keyturn stops: ${message}\n`);
  process.exit(1);
}
