import type { SessionRecord } from '../../../index.js';
import { packSession } from '../../../internal.js';
import type { KeptSession } from '../../../pages/playground/world.types.js';

/** What the page shows of a record, and the bytes that the very record takes in Redis. */
export function keptSession(record: SessionRecord): KeptSession {
  const { session, details } = packSession(record);
  const { sid, seq, rotatedAt, createdAt, idleEnd, absoluteEnd, generation } = record;
  return {
    sid,
    device: record.device.name,
    seq,
    rotatedAt,
    createdAt,
    idleEnd,
    absoluteEnd,
    generation,
    bytes: session.length + (details?.length ?? 0),
  };
}
