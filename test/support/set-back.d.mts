import type { Redis } from 'ioredis';
import type { packSession, unpackSession } from '../../src/stores/redis/session-codec.js';

export function setBackSubject(
  client: Redis,
  codec: { packSession: typeof packSession; unpackSession: typeof unpackSession },
  key: string,
  milliseconds: number,
): Promise<void>;
