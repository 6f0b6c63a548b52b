import { load } from './build.mjs';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Whether the record of a session is in the store. */
export async function isStored(redis, { sub, sessionId }) {
  const { subjectKey, sidField } = await load('stores/redis/session-hash.js');
  return (await redis.hexists(subjectKey('kt:', sub), sidField(sessionId))) === 1;
}

/**
 * Lets time pass for one session: Redis keeps its clock, so the session is set back by as much.
 * @param client whose session it is
 */
export async function letPass(redis, { sub, sid, tally }, milliseconds) {
  const passed = tally.history.wait(sub, sid, milliseconds);
  const [{ packSession, unpackSession }, { subjectKey, sidField }] = await Promise.all(
    ['stores/redis/session-codec.js', 'stores/redis/session-hash.js'].map(load),
  );
  const [key, field] = [subjectKey('kt:', sub), sidField(sid)];
  const stored = await redis.hgetBuffer(key, field);
  const record = unpackSession(sub, sid, stored, null);
  const { session } = packSession({
    ...record,
    rotatedAt: record.rotatedAt - milliseconds,
    createdAt: record.createdAt - milliseconds,
    idleEnd: record.idleEnd - milliseconds,
    absoluteEnd: record.absoluteEnd - milliseconds,
    authTime: record.authTime - milliseconds / 1000,
  });
  // What the details tell of is not known here, and decides the format.
  session[0] = stored[0];
  await redis.hset(key, field, session);
  passed();
}
