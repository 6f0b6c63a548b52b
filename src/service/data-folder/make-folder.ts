import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o700;

/**
 * Makes a folder, and those above it, for their owner alone; one that is there is left as it is. Not by `recursive` of
 * Node's `mkdir`, which tries for ever (20.20) below a folder that is there and says `ENOENT`, as `/proc` does.
 */
export async function makeFolder(path: string): Promise<void> {
  const error = await errorOf(path);
  if (error?.code !== 'ENOENT' || dirname(path) === path) return refused(error);
  await makeFolder(dirname(path));
  refused(await errorOf(path));
}

const errorOf = (path: string): Promise<NodeJS.ErrnoException | null> =>
  mkdir(path, { mode: OWNER_ONLY }).then(
    () => null,
    (error: NodeJS.ErrnoException) => error,
  );

function refused(error: NodeJS.ErrnoException | null): void {
  if (error && error.code !== 'EEXIST') throw error;
}
