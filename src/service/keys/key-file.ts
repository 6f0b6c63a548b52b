import { chmod, chown, link, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AuthConfigError, generateKeys, type AccessTokenAlgorithm } from '../../index.js';
import { keysInDataDir } from '../config/keys-in-data-dir.js';
import { makeFolder } from '../data-folder/make-folder.js';

/** DI token of the private JWKS, as text. */
export const SIGNING_KEYS = Symbol('signing keys');

const OWNER_ONLY = 0o600;
const OWNER_AND_GROUP = 0o640;
const ANYONE = 0o007;

/**
 * The key set in the data folder, made at the first start and readable by its owner alone.
 * @returns the private JWKS as text
 */
export async function keysInFolder(folder: string, algorithm: AccessTokenAlgorithm = 'ES256'): Promise<string> {
  const path = keysInDataDir(folder);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await createKeyFile(path, textOf(generateKeys(algorithm)));
  return readFile(path, 'utf8');
}

/** A key set as it stands in a file. */
export const textOf = (keySet: object): string => `${JSON.stringify(keySet, null, 2)}\n`;

/** @throws AuthConfigError when the file cannot be read */
export async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new AuthConfigError(`the key file ${path} cannot be read (${codeOf(cause)})`, { cause });
  }
}

/** Whether others than its owner and group may read or write the file. */
export async function isOpenToAnyone(path: string): Promise<boolean> {
  // Windows has no such bits, and Node makes some up.
  if (process.platform === 'win32') return false;
  return stat(path).then(
    ({ mode }) => (mode & ANYONE) !== 0,
    () => false,
  );
}

/** @throws AuthConfigError when there is one already */
export async function createKeyFile(path: string, content: string): Promise<void> {
  const draft = await draftOf(path, content);
  try {
    // Linked in place once it is whole: a crash in the middle leaves no half-written key file.
    await link(draft, path);
  } catch (cause) {
    throw codeOf(cause) === 'EEXIST'
      ? new AuthConfigError(`there is a file ${path} already; its keys are in use, or name another file`, { cause })
      : cause;
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Puts a new content in place of a file's, in one step: readers find the one or the other, whole.
 * @param expected what was read before; if that has changed, another command was at work
 * @throws AuthConfigError when it has
 */
export async function replaceKeyFile(path: string, expected: string, content: string): Promise<void> {
  // A link to the file stays one.
  const target = await realpath(path);
  const { mode, uid, gid } = await stat(target);
  const draft = await draftOf(target, content);
  try {
    // The service that reads it by its group, or that an administrator writes it for, goes on doing so.
    await chown(draft, uid, gid).catch(() => undefined);
    await chmod(draft, (mode & OWNER_AND_GROUP) | OWNER_ONLY);
    if ((await readKeyFile(target)) !== expected) {
      throw new AuthConfigError(`${path} was changed by someone else meanwhile; nothing was written, try again`);
    }
    await rename(draft, target);
  } finally {
    await rm(draft, { force: true });
  }
}

/** On the disk before it takes the name: after a power cut the name must not stand for an empty file. */
async function draftOf(path: string, content: string): Promise<string> {
  const draft = `${path}.${process.pid}.new`;
  await makeFolder(dirname(path));
  await rm(draft, { force: true });
  await writeFile(draft, content, { mode: OWNER_ONLY, flag: 'wx' });
  const file = await open(draft, 'r');
  await file.sync();
  await file.close();
  return draft;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
