import { createHash } from 'node:crypto';
import { RedisTokenRepository } from '../../src/stores/redis/redis-token.repository.js';
import { subjectKey } from '../../src/stores/redis/session-hash.js';
import type { OpenCommand } from '../../src/sessions/token.repository.js';
import type { RedisServer } from '../support/redis-server.js';
import { startRedis } from '../support/redis-server.js';
import {
  DAY,
  HOSTILE_SUBJECTS,
  login,
  MINUTE,
  randomSid,
  randomSubject,
  rotationOf,
} from '../../src/testing/session-samples.js';

const BROWSER = {
  name: 'My work laptop',
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
  ip: '2001:db8:85a3:8d3:1319:8a2e:370:7348',
};

describe('what Redis holds', () => {
  let server: RedisServer;
  let repository: RedisTokenRepository;

  beforeAll(async () => {
    server = await startRedis();
    repository = new RedisTokenRepository(server.client, { keyPrefix: 'kt:', commandTimeout: 5_000 });
  });
  beforeEach(async () => {
    await server.client.config('SET', 'maxmemory', '0');
    await server.client.flushall();
  });
  afterAll(() => server.stop());

  const keys = () => server.client.keys('*');

  async function opened(changes: Partial<OpenCommand> = {}) {
    const result = await repository.open(login(changes));
    if (result.outcome !== 'opened') throw new Error(result.outcome);
    return result.record;
  }

  describe('keys', () => {
    it('a subject is one key whatever happens to it, so that a cluster can move it at any moment', async () => {
      const { sub, sid } = await opened({ device: BROWSER, subjectClaims: { roles: ['user'] } });
      await opened({ sub });
      await repository.raiseGeneration(sub, 1, DAY);
      await repository.end(sub, [sid], 'session_revoked', DAY);

      expect(await keys()).toEqual([subjectKey('kt:', sub)]);
    });

    it.each(HOSTILE_SUBJECTS)('no character of a subject gets into the key: %s', async (_name, sub) => {
      await opened({ sub });

      expect(await keys()).toEqual([expect.stringMatching(/^kt:\{[\w-]{22}\}$/)]);
    });

    it('the slot of a key is that of the tag alone, so that more keys of a subject can join it', () => {
      const tag = createHash('sha256').update('user-7', 'utf16le').digest().subarray(0, 16).toString('base64url');

      expect(subjectKey('my:app:', 'user-7')).toBe(`my:app:{${tag}}`);
    });

    it('live as long as the last of their sessions, tombstones and generations, and no longer', async () => {
      const { sub, absoluteEnd } = await opened({ absoluteTtl: 2 * DAY });
      const expiry = () => server.client.pexpiretime(subjectKey('kt:', sub));
      expect(await expiry()).toBe(absoluteEnd);

      await opened({ sub, absoluteTtl: DAY });
      expect(await expiry()).toBe(absoluteEnd);
      await repository.end(sub, [randomSid()], 'session_revoked', 3 * DAY);
      expect(await expiry()).toBeGreaterThan(absoluteEnd);
      await repository.raiseGeneration(sub, 1, 4 * DAY);
      expect(await expiry()).toBeGreaterThan(absoluteEnd + DAY);
    });

    it('are gone with the last session when nothing is to be remembered', async () => {
      const { sub, sid } = await opened({ device: BROWSER });
      await repository.end(sub, [sid], 'session_revoked', 0);

      expect(await keys()).toEqual([]);
    });

    it('hold nothing of an ended session that is not to be remembered', async () => {
      const { sub } = await opened();
      const { sid } = await opened({ sub, device: BROWSER });
      await repository.end(sub, [sid], 'session_revoked', 0);

      expect(await server.client.hlen(subjectKey('kt:', sub))).toBe(1);
    });

    it('lose lapsed tombstones at the next login, so that years of logins leave nothing behind', async () => {
      const { sub } = await opened();
      await repository.end(sub, [randomSid(), randomSid()], 'session_revoked', 1);
      const { now } = await repository.find(sub, randomSid());
      while ((await repository.time()) <= now + 1);

      await opened({ sub });

      expect(await server.client.hlen(subjectKey('kt:', sub))).toBe(2);
    });
  });

  describe('memory', () => {
    // Redis' tables of keys double: at 5,000 they are as full as at 10,000 or 20,000.
    const SUBJECTS = 5_000;

    /** Bytes of Redis memory for each session, index, expiry and the tables of keys included. */
    async function bytesPerSession(sessionsPerSubject: number, changes: Partial<OpenCommand> = {}): Promise<number> {
      const used = async (): Promise<number> => {
        return Number(/used_memory:(\d+)/.exec(await server.client.info('memory'))![1]);
      };
      const fill = async (subjects: number): Promise<void> => {
        for (let done = 0; done < subjects; done += 250) {
          const commands = Array.from({ length: 250 }, () => randomSubject()).flatMap((sub) =>
            Array.from({ length: sessionsPerSubject }, () => login({ ...changes, sub })),
          );
          await Promise.all(commands.map((command) => repository.open(command)));
        }
      };
      // Connection buffers grow once; they are not the sessions'.
      await fill(250);
      await server.client.flushall();
      const before = await used();
      await fill(SUBJECTS);
      return ((await used()) - before) / SUBJECTS / sessionsPerSubject;
    }

    /** Buffers of connections that have much to wait for can only add: what is above the limit is measured once more. */
    async function withinOrAgain(limit: number, measure: () => Promise<number>): Promise<number> {
      const first = await measure();
      return first <= limit ? first : Math.min(first, await measure());
    }

    it("a user's only session takes at most 220 bytes, three take 130 each, a browser's details 150 more", async () => {
      const only = await withinOrAgain(220, () => bytesPerSession(1));
      const oneOfThree = await withinOrAgain(130, () => bytesPerSession(3));
      const withDevice = await withinOrAgain(only + 150, () => bytesPerSession(1, { device: BROWSER }));

      expect(only).toBeLessThanOrEqual(220);
      expect(oneOfThree).toBeLessThanOrEqual(130);
      expect(withDevice - only).toBeLessThanOrEqual(150);
    });

    it('stays the same from the first rotation to the thousandth', async () => {
      let record = await opened({ device: BROWSER, generation: Date.now() });
      const key = subjectKey('kt:', record.sub);
      const before = await server.client.memory('USAGE', key);
      for (let i = 0; i < 1_000; i += 1) record = (await repository.advance(rotationOf(record))).record!;

      expect(record.seq).toBe(1_000);
      expect(await server.client.memory('USAGE', key)).toBe(before);
      expect(await server.client.object('ENCODING', key)).toBe('listpack');
    });
  });

  describe('when memory is out', () => {
    const exhaust = () => server.client.config('SET', 'maxmemory', '1mb');
    const outOfMemory = { code: 'store_unavailable', kind: 'OOM', retryAfter: 1 };

    it('logins and refreshes answer store_unavailable and change nothing', async () => {
      const record = await opened();
      await exhaust();

      await expect(repository.open(login())).rejects.toMatchObject(outOfMemory);
      await expect(repository.open(login({ sub: record.sub }))).rejects.toMatchObject(outOfMemory);
      await expect(repository.advance(rotationOf(record))).rejects.toMatchObject(outOfMemory);
      expect((await repository.list(record.sub)).sessions).toEqual([record]);
    });

    it('a login does not slip through by first dropping sessions that are over', async () => {
      const { sub } = await opened({ idleTtl: 1 });
      await exhaust();

      await expect(repository.open(login({ sub }))).rejects.toMatchObject(outOfMemory);
    });

    it('logout works, and even tells why', async () => {
      const { sub, sid } = await opened();
      await exhaust();

      expect(await repository.end(sub, [sid], 'session_revoked', DAY)).toEqual([sid]);
      expect(await repository.find(sub, sid)).toMatchObject({ record: null, ended: 'session_revoked' });
    });

    it('logout everywhere works: the generation is noted for known and unknown subjects', async () => {
      const { sub } = await opened();
      await exhaust();

      expect(await repository.raiseGeneration(sub, 5, DAY)).toBe(5);
      expect(await repository.raiseGeneration(sub, 6, DAY)).toBe(6);
      expect(await repository.raiseGeneration(randomSubject(), 7, DAY)).toBe(7);
      expect(await repository.generationOf(sub)).toBe(6);
      expect(await repository.endBelow(sub, 6, 'session_revoked', DAY)).toHaveLength(1);
    });
  });

  describe('a session stored by a version to come', () => {
    it('is reported as a fault of the store and left alone, because a roll-back must not log everyone out', async () => {
      const record = await opened({ idleTtl: MINUTE });
      const key = subjectKey('kt:', record.sub);
      const field = Buffer.from(record.sid, 'base64url');
      const stored = (await server.client.hgetBuffer(key, field))!;
      stored[0] = 0xf0;
      await server.client.hset(key, field, stored);
      const foreignFormat = { code: 'store_unavailable', kind: 'FORMAT' };

      await expect(repository.find(record.sub, record.sid)).rejects.toMatchObject(foreignFormat);
      await expect(repository.advance(rotationOf(record))).rejects.toMatchObject(foreignFormat);
      await expect(repository.list(record.sub)).rejects.toMatchObject(foreignFormat);
      await expect(repository.open(login({ sub: record.sub }))).rejects.toMatchObject(foreignFormat);
      expect(await server.client.hgetBuffer(key, field)).toEqual(stored);
      expect(await repository.end(record.sub, [record.sid], 'session_revoked', 0)).toEqual([record.sid]);
    });
  });

  it('scripts that Redis has forgotten are sent again', async () => {
    const record = await opened();
    await server.client.script('FLUSH');

    expect((await repository.advance(rotationOf(record))).advanced).toBe(true);
  });
});
