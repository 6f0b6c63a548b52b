import type { Redis } from 'ioredis';
import { packSession, unpackSession } from '../../src/stores/redis/session-codec.js';
import { subjectKey } from '../../src/stores/redis/session-hash.js';
import { setBackSubject } from '../support/set-back.mjs';

/** Lets time pass for a subject: Redis keeps its clock, so all that is stored is set back by as much. */
export const letPassInRedis = (client: Redis, prefix: string, sub: string, milliseconds: number): Promise<void> =>
  setBackSubject(client, { packSession, unpackSession }, subjectKey(prefix, sub), milliseconds);
