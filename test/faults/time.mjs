import { load } from './build.mjs';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Lets time pass for one session: Redis keeps its clock, so the session is set back by as much. */
export async function letPass(redis, { sub, sid }, milliseconds) {
  const [{ packSession, unpackSession }, { subjectKey, sidField }] = await Promise.all(
    ['stores/redis/session-codec.js', 'stores/redis/session-hash.js'].map(load),
  );
  const [key, field] = [subjectKey('kt:', sub), sidField(sid)];
  const record = unpackSession(sub, sid, await redis.hgetBuffer(key, field), null);
  const { session } = packSession({
    ...record,
    rotatedAt: record.rotatedAt - milliseconds,
    createdAt: record.createdAt - milliseconds,
    idleEnd: record.idleEnd - milliseconds,
    absoluteEnd: record.absoluteEnd - milliseconds,
    authTime: record.authTime - milliseconds / 1000,
  });
  await redis.hset(key, field, session);
}
