import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-connection-options.js';

/** A Lua script, and the hash by which a server that has seen it knows it. */
export interface RedisScript {
  readonly lua: string;
  readonly sha: string;
}

export const scriptOf = (lua: string): RedisScript => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/** The forms of ioredis that give bytes; its types leave them out (6.0.0). */
type Scripting = Record<
  'evalshaBuffer' | 'evalBuffer',
  (script: string, keys: 1, key: string, ...args: readonly (string | number | Buffer)[]) => Promise<unknown>
>;

/**
 * Runs a script by its hash, and by its whole text where the server does not know it (any more). ioredis' own commands
 * (`defineCommand`, 6.0.0) may answer `NOSCRIPT` with the hash once more, so that a second `SCRIPT FLUSH`, or the next
 * new master, reaches the caller; the text cannot fail in that way. What answered `NOSCRIPT` has not run.
 */
export function runScript(
  redis: RedisClient,
  { lua, sha }: RedisScript,
  key: string,
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  const client = redis as unknown as Scripting;
  return client.evalshaBuffer(sha, 1, key, ...args).catch((error: unknown) => {
    if (!(error instanceof Object && 'message' in error && String(error.message).includes('NOSCRIPT'))) throw error;
    return client.evalBuffer(lua, 1, key, ...args);
  });
}
