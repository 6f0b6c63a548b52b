import type { Redis } from 'ioredis';
import { ENDS_REMEMBERED, type PastSession } from '../../sessions/session-history.js';
import type { SessionEndReason, SessionRecord } from '../../sessions/session.js';
import { readPast } from './history-codec.js';
import type { RedisClient } from './redis-connection-options.js';
import { runScript } from './redis-script.js';
import { REDIS_SCRIPTS } from './redis-scripts.js';
import { readSessions, readTombstones, sidField, subjectKey } from './session-hash.js';

/** All that the store has of one subject. Times in milliseconds. */
export interface StoredSubject {
  readonly now: number;
  /** Past an end or not. */
  readonly sessions: readonly SessionRecord[];
  readonly past: readonly PastSession[];
  /** Why sessions ended, by their ids: also those of which no more is remembered. */
  readonly reasons: ReadonlyMap<string, SessionEndReason>;
}

/** Keys that are looked into at once. */
const PAGE = 500;
const SLOTS = Array.from({ length: ENDS_REMEMBERED }, (_, slot) => `h${String.fromCharCode(97 + slot)}`);
const SID_AT = 16;

export const readSubject = (client: RedisClient, keyPrefix: string, sub: string): Promise<StoredSubject> =>
  readKey(client, subjectKey(keyPrefix, sub), sub);

/**
 * Looks for the subject of a session by reading all keys: the store has no list of sessions, since nothing but an operator's
 * question needs one.
 * @returns null when no subject has, or remembers, such a session
 */
export async function findSession(client: RedisClient, keyPrefix: string, sid: string): Promise<StoredSubject | null> {
  const masters = 'nodes' in client ? client.nodes('master') : [client];
  for (const server of masters) {
    const key = await keyOf(server, keyPrefix, sidField(sid));
    if (key !== null) return readKey(client, key, '');
  }
  return null;
}

async function keyOf(server: Redis, keyPrefix: string, field: Buffer): Promise<string | null> {
  const fields = [field, Buffer.concat([field, Buffer.from('x')]), ...SLOTS.map((slot) => Buffer.from(slot))];
  let cursor = '0';
  do {
    const [next, keys] = await server.scan(cursor, 'MATCH', `${escaped(keyPrefix)}{*}`, 'COUNT', PAGE);
    cursor = next;
    const found = await Promise.all(keys.map((key) => server.hmgetBuffer(key, ...fields).catch(() => [])));
    const at = found.findIndex(
      ([session, tombstone, ...slots]) =>
        session || tombstone || slots.some((slot) => slot?.subarray(SID_AT, SID_AT + 16).equals(field)),
    );
    if (at !== -1) return keys[at]!;
  } while (cursor !== '0');
  return null;
}

/** What has a meaning in a pattern of Redis. */
const escaped = (text: string): string => text.replace(/[\\*?[\]^-]/g, (character) => `\\${character}`);

async function readKey(client: RedisClient, key: string, sub: string): Promise<StoredSubject> {
  const [now, pairs] = (await runScript(client, REDIS_SCRIPTS.list, key, [])) as [number, Buffer[]];
  return {
    now,
    sessions: readSessions(sub, pairs, now),
    past: readPast(pairs, now),
    reasons: readTombstones(pairs, now),
  };
}
