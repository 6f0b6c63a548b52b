import type { Redis } from 'ioredis';
import { packSession, unpackSession } from '../../src/stores/redis/session-codec.js';
import { subjectKey } from '../../src/stores/redis/session-hash.js';

const U48 = 6;

/** Lets time pass for a subject: Redis keeps its clock, so all that is stored is set back by as much. */
export async function letPassInRedis(client: Redis, prefix: string, sub: string, milliseconds: number): Promise<void> {
  const key = subjectKey(prefix, sub);
  const fields = await client.hkeysBuffer(key);
  if (fields.length === 0) return;
  const values = await client.hmgetBuffer(key, ...fields);
  for (const [index, field] of fields.entries()) {
    const value = values[index]!;
    if (field.length === 16) await client.hset(key, field, setBack(value, milliseconds));
    else if (field.equals(Buffer.from('c'))) {
      await client.hset(key, field, earlier(earlier(value, 0, milliseconds), U48, milliseconds));
    } else if (field.subarray(16).equals(Buffer.from('c'))) {
      await client.hset(key, field, earlier(value, 0, milliseconds));
    } else if (field.equals(Buffer.from('g'))) await client.hset(key, field, earlier(value, 7, milliseconds));
    else if (field.subarray(16).equals(Buffer.from('x')))
      await client.hset(key, field, earlier(value, 0, milliseconds));
  }
  await client.pexpireat(key, (await client.pexpiretime(key)) - milliseconds);
}

function setBack(session: Buffer, milliseconds: number): Buffer {
  const record = unpackSession('', '', session, null);
  const back = packSession({
    ...record,
    rotatedAt: record.rotatedAt - milliseconds,
    createdAt: record.createdAt - milliseconds,
    authTime: record.authTime - Math.floor(milliseconds / 1000),
    idleEnd: record.idleEnd - Math.ceil(milliseconds / 1000) * 1000,
    absoluteEnd: record.absoluteEnd - Math.ceil(milliseconds / 1000) * 1000,
  }).session;
  // What the details tell of is not known here, and decides the format.
  back[0] = session[0]!;
  return back;
}

function earlier(value: Buffer, at: number, milliseconds: number): Buffer {
  const copy = Buffer.from(value);
  copy.writeUIntBE(value.readUIntBE(at, U48) - milliseconds, at, U48);
  return copy;
}
