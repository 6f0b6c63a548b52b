import { setBackSubject } from '../support/set-back.mjs';
import { load } from './build.mjs';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

const codec = () => load('stores/redis/session-codec.js');
const keys = () => load('stores/redis/session-hash.js');

/** Whether the record of a session is in the store. */
export async function isStored(redis, { sub, sessionId }) {
  const { subjectKey, sidField } = await keys();
  return (await redis.hexists(subjectKey('kt:', sub), sidField(sessionId))) === 1;
}

/**
 * Lets time pass for the user of a session: Redis keeps its clock, so what is stored is set back by as much.
 * @param client whose session it is
 */
export async function letPass(redis, { sub, sid, tally }, milliseconds) {
  const passed = tally.history.wait(sub, sid, milliseconds);
  const { subjectKey } = await keys();
  await setBackSubject(redis, await codec(), subjectKey('kt:', sub), milliseconds);
  passed();
}
