import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { parseKeyRing } from '../../src/tokens/key-ring.js';
import { RefreshTokens } from '../../src/tokens/refresh-token.js';
import { packSession, unpackSession } from '../../src/stores/redis/session-codec.js';
import { RedisTokenRepository } from '../../src/stores/redis/redis-token.repository.js';
import { packNote, readPast } from '../../src/stores/redis/history-codec.js';
import type { EndCause } from '../../src/events/request-info.js';
import type { PastSession } from '../../src/sessions/session-history.js';
import { readChanges, sidField, subjectKey } from '../../src/stores/redis/session-hash.js';
import { packRevocation, unpackRevocation } from '../../src/stores/redis/revocation-codec.js';
import type { PublishedRevocation } from '../../src/revocation/revocation-feed.js';
import type { HostClaims, SessionEndReason, SessionRecord } from '../../src/sessions/session.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { rotationOf } from '../../src/testing/session-samples.js';

/*
 * What releases leave behind for each other, byte for byte. These files are never changed: a new format gets a file and
 * a version of its own, and both are read. Compare docs/operations.md, "Upgrade and roll back".
 */
type StoredV1 = Omit<SessionRecord, 'persistent' | 'subjectClaims' | 'claimsAt'> & { claims?: HostClaims };
interface Stored {
  readonly sub: string;
  readonly key: string;
  readonly sessions: readonly { name: string; record: StoredV1; session: string; details: string | null }[];
  readonly tombstone: { readonly sid: string; readonly reason: SessionEndReason; readonly value: string };
  readonly generation: { readonly generation: number; readonly value: string };
  readonly refreshToken: { keys: object[]; issuer: string; sec: string; record: SessionRecord; token: string };
}
/** A session has this format only where it has something that a reader of the first must not overlook. */
interface StoredV2 {
  readonly sub: string;
  readonly sessions: readonly {
    name: string;
    record: SessionRecord;
    session: string;
    details: string | null;
    ownClaims: string | null;
  }[];
  readonly change: { readonly at: number; readonly claims: HostClaims; readonly value: string };
}
const read = <T>(file: string): T => JSON.parse(readFileSync(`test/formats/${file}`, 'utf8')) as T;
const stored = read<Stored>('session.v1.json');
const second = read<StoredV2>('session.v2.json');
const feed = read<readonly { entry: PublishedRevocation; text: string }[]>('feed.v1.json');

interface StoredHistory {
  readonly causes: Readonly<Record<EndCause, string>>;
  readonly ends: readonly { name: string; past: PastSession; value: string; details: string | null }[];
}
const history = read<StoredHistory>('history.v1.json');

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
/** Format 1 called the claims of the subject by another name, and dated them by the opening of the session. */
const asKeptNow = ({ claims, ...record }: StoredV1): SessionRecord => ({
  ...record,
  persistent: true,
  subjectClaims: claims,
  claimsAt: record.createdAt,
});
const settings = { keyPrefix: 'kt:', commandTimeout: 5_000 };

describe('a session of format 1', () => {
  it.each(stored.sessions)('$name is read', ({ record, session, details }) => {
    const unpacked = unpackSession(record.sub, record.sid, bytes(session), details === null ? null : bytes(details));
    expect(unpacked).toEqual(asKeptNow(record));
  });

  it.each(stored.sessions)('$name is written', ({ record, session, details }) => {
    const packed = packSession({ ...asKeptNow(record), claimsAt: null });
    expect(packed.session.toString('hex')).toBe(session);
    // What follows the head may be deflated in other bytes by another zlib.
    expect(packed.details?.subarray(0, 1).toString('hex')).toBe(details?.slice(0, 2));
  });
});

describe('a session of format 2', () => {
  const bytesOrNone = (hex: string | null): Buffer | null => (hex === null ? null : bytes(hex));

  it.each(second.sessions)('$name is read', ({ record, session, details, ownClaims }) => {
    const changes = readChanges(bytesOrNone(ownClaims), null, record.rotatedAt);
    expect(unpackSession(record.sub, record.sid, bytes(session), bytesOrNone(details), changes)).toEqual(record);
  });

  it.each(second.sessions)('$name is written', ({ record, session, details }) => {
    const packed = packSession({ ...record, claimsAt: null });
    expect(packed.session.toString('hex')).toBe(session);
    expect(packed.details?.subarray(0, 1).toString('hex')).toBe(details?.slice(0, 2));
  });

  it('has the claims that its subject got since', () => {
    const [{ record, session, details }] = second.sessions as [StoredV2['sessions'][number]];
    const { at, claims, value } = second.change;
    const changes = readChanges(null, bytes(value), record.rotatedAt);
    const read = unpackSession(record.sub, record.sid, bytes(session), bytesOrNone(details), changes);
    expect(read).toMatchObject({ subjectClaims: claims, claimsAt: at + 1 });
  });
});

describe('a refresh token of format 1', () => {
  const { keys, issuer, sec, record, token } = stored.refreshToken;
  const tokens = new RefreshTokens(parseKeyRing({ keys }, 'HS256'), issuer);

  it('is made again to the byte, because a retry may reach an instance of another release', () => {
    expect(tokens.sign(record, sec, record.rotatedAt)).toBe(token);
  });

  it('is read', () => {
    expect(tokens.readSigned(token, record.rotatedAt)).toMatchObject({ sid: record.sid, seq: record.seq, sec });
  });
});

describe('an entry of the feed of format 1', () => {
  it.each(feed)('$entry.kind is read', ({ entry, text }) => {
    expect(unpackRevocation(text, 1_795_000_000_000)).toEqual(entry);
  });

  it.each(feed)('$entry.kind is written so that those who read these will read it', ({ entry, text }) => {
    const written = JSON.parse(packRevocation(entry, 1)) as object;
    expect(written).toMatchObject(JSON.parse(text) as object);
  });
});

describe('what is remembered of an ended session, in format 1', () => {
  /** In the fields that the scripts write: a slot, and its details beside it. */
  const pairsOf = (ends: StoredHistory['ends']): Buffer[] =>
    ends.flatMap(({ value, details }, slot) => {
      const letter = String.fromCharCode(97 + slot);
      const beside = details === null ? [] : [Buffer.from(`H${letter}`), bytes(details)];
      return [Buffer.from(`h${letter}`), bytes(value), ...beside];
    });
  const NOW = 1_800_000_000_000;

  it.each(history.ends)('$name is read', (end) => {
    expect(readPast(pairsOf([end]), NOW)).toEqual([end.past]);
  });

  it('is read beside what a release to come has written, which is left out', () => {
    const [known, coming] = [history.ends[1]!, history.ends[2]!];
    const unknown = { ...coming, value: coming.value.slice(0, 16) + '7a' + coming.value.slice(18) };
    expect(readPast(pairsOf([unknown, known]), NOW)).toEqual([known.past]);
  });

  it.each(Object.entries(history.causes))('the cause %s is the letter %s', (cause, letter) => {
    expect(packNote({ cause: cause as EndCause }).toString('latin1', 0, 1)).toBe(letter);
  });

  it.each(history.ends.filter(({ past }) => past.cause))('$name is written, by the script', async (end) => {
    const redis = await startRedis();
    const repository = new RedisTokenRepository(redis.client, settings);
    const { sid, reason, cause, ip, distance, age } = end.past;
    const { sub, key } = stored;
    const [{ record, session }] = stored.sessions.slice(1) as [Stored['sessions'][number]];
    await redis.client.hset(key, sidField(sid), bytes(session));
    if (end.details) await redis.client.hset(key, mark(sid, 'd'), bytes(end.details));
    await repository.end(sub, [sid], reason, 86_400_000, { cause, ip, distance, age });
    const hash = await redis.client.hgetallBuffer(key);
    await redis.stop();
    // Until when it is remembered and when it ended are the store's time; what the session was is that of another one.
    const written = hash.ha!;
    expect(written.subarray(8, 32).toString('hex')).toBe(end.value.slice(16, 64));
    expect(written.readUInt32BE(32)).toBe(Math.floor(record.createdAt / 1000));
    expect(written.readUInt32BE(36)).toBe(Math.floor(record.rotatedAt / 1000));
    expect(written.readUInt32BE(40)).toBe(record.seq);
    expect(written.subarray(44).toString('hex')).toBe(end.value.slice(88));
    expect(hash.Ha?.toString('hex') ?? null).toBe(end.details);
  });
});

describe('the store of format 1', () => {
  let redis: RedisServer;
  let repository: RedisTokenRepository;

  beforeAll(async () => {
    redis = await startRedis();
    repository = new RedisTokenRepository(redis.client, settings);
  });
  beforeEach(async () => {
    await redis.client.flushall();
    for (const { record, session, details } of stored.sessions) {
      await redis.client.hset(stored.key, sidField(record.sid), bytes(session));
      if (details) await redis.client.hset(stored.key, mark(record.sid, 'd'), bytes(details));
    }
    await redis.client.hset(stored.key, mark(stored.tombstone.sid, 'x'), bytes(stored.tombstone.value));
    await redis.client.hset(stored.key, 'g', bytes(stored.generation.value));
  });
  afterAll(() => redis.stop());

  it('is found where it was: sessions, the reason of an end, the generation', async () => {
    expect(subjectKey('kt:', stored.sub)).toBe(stored.key);
    const { sessions } = await repository.list(stored.sub);
    expect(sessions.map(({ sid, device }) => [sid, device])).toEqual(
      stored.sessions.map(({ record: { sid, device } }) => [sid, device]),
    );
    expect(await repository.find(stored.sub, stored.tombstone.sid)).toMatchObject({ ended: stored.tombstone.reason });
    expect(await repository.generationOf(stored.sub)).toBe(stored.generation.generation);
  });

  it('is rotated, and written back in the same format', async () => {
    const [{ record, session }] = stored.sessions.slice(1) as [Stored['sessions'][number]];
    const advanced = await repository.advance(
      rotationOf(record, { attempt: record.attempt, idleTtl: null, nextSeq: 0, expectSeq: 0 }),
    );
    expect(advanced.advanced).toBe(true);
    const written = (await redis.client.hgetBuffer(stored.key, sidField(record.sid)))!;
    // rotatedAt is the store's.
    expect(written.fill(bytes(session).subarray(5, 11), 5, 11).toString('hex')).toBe(session);
  });

  it('is written in the same format by an end and by a raised generation', async () => {
    const { sid, reason, value } = stored.tombstone;
    const until = Number(`0x${value.slice(0, 12)}`);
    await redis.client.del(stored.key);
    await repository.end(stored.sub, [sid], reason, until - Date.now());
    await repository.raiseGeneration(stored.sub, stored.generation.generation, until - Date.now());
    const hash = await redis.client.hgetallBuffer(stored.key);
    expect(hash.g?.toString('hex').slice(0, 14)).toBe(stored.generation.value.slice(0, 14));
    const tombstone = (await redis.client.hgetBuffer(stored.key, mark(sid, 'x')))!;
    expect(tombstone).toHaveLength(value.length / 2);
    expect(tombstone.subarray(6).toString('hex')).toBe(value.slice(12));
    expect(Math.abs(tombstone.readUIntBE(0, 6) - until)).toBeLessThan(60_000);
  });
});

describe('scripts of two releases on one Redis', () => {
  it('live side by side, because they are called by the hash of their text', async () => {
    const redis = await startRedis();
    const releases = [1, 2].map((release) => {
      const client = new Redis(redis.url);
      client.defineCommand('keyturn:find', { lua: `return ${release}`, numberOfKeys: 1 });
      return client as Redis & Record<'keyturn:find', (key: string) => Promise<number>>;
    });
    for (let round = 0; round < 3; round += 1) {
      expect(await Promise.all(releases.map((client) => client['keyturn:find']('kt:x')))).toEqual([1, 2]);
    }
    const calls = await redis.client.info('commandstats');
    releases.forEach((client) => client.disconnect());
    await redis.stop();
    // The first call of each sends the text.
    expect(calls).toMatch(/cmdstat_evalsha:calls=4,/);
  });
});

function mark(sid: string, letter: string): Buffer {
  return Buffer.concat([sidField(sid), Buffer.from(letter)]);
}
