import { InMemoryTokenRepository } from '../../src/stores/memory/in-memory-token.repository.js';
import { RedisTokenRepository } from '../../src/stores/redis/redis-token.repository.js';
import { subjectKey } from '../../src/stores/redis/session-hash.js';
import type { TokenRepository } from '../../src/sessions/token.repository.js';
import { ENDS_REMEMBERED } from '../../src/sessions/session-history.js';
import { DAY, login, MINUTE, randomSubject } from '../../src/testing/session-samples.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { letPassInRedis } from './redis-time-travel.js';

const keyPrefix = 'kt:';
let server: RedisServer;
let now = 0;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(() => (now = 1_800_000_000_000));

const stores = {
  Redis: () => ({
    repository: new RedisTokenRepository(server.client, { keyPrefix, commandTimeout: 5_000 }) as TokenRepository,
    letPass: (sub: string, milliseconds: number) => letPassInRedis(server.client, keyPrefix, sub, milliseconds),
  }),
  memory: () => ({
    repository: new InMemoryTokenRepository(() => now) as TokenRepository,
    letPass: async (_: string, milliseconds: number): Promise<void> => {
      now += milliseconds;
    },
  }),
};

describe.each(Object.entries(stores))('what is remembered of ended sessions in %s', (_name, start) => {
  let { repository, letPass } = stores.memory();
  beforeEach(() => ({ repository, letPass } = start()));
  const opened = async (changes: Parameters<typeof login>[0] = {}) => {
    const result = await repository.open(login(changes));
    if (result.outcome !== 'opened') throw new Error(result.outcome);
    return result.record;
  };

  it('is why, how, from where, how late, and what the login was', async () => {
    const device = { name: "Ann's phone", ip: '198.51.100.4', userAgent: 'app/1' };
    const { sub, sid } = await opened({ device, clientId: 'android' });
    const note = { cause: 'reused', ip: '203.0.113.7', distance: 2, age: 90_000 } as const;
    await repository.end(sub, [sid], 'token_reused', DAY, note);
    const [past, ...others] = await repository.history(sub);
    expect(others).toEqual([]);
    expect(past).toMatchObject({ sid, reason: 'token_reused', ...note, device, clientId: 'android', seq: 0 });
    expect(Math.abs(past!.endedAt - past!.createdAt)).toBeLessThan(60_000);
  });

  it.each(['2001:db8::7', '203.0.113.0/24', undefined])('has the address %s as it was given', async (ip) => {
    const { sub, sid } = await opened();
    await repository.end(sub, [sid], 'session_revoked', DAY, { ip });
    expect((await repository.history(sub))[0]!.ip).toBe(ip);
  });

  it('has sessions that a raised generation ended', async () => {
    const sub = randomSubject();
    const { sid } = await opened({ sub, generation: 1 });
    await opened({ sub, generation: 9 });
    await repository.endBelow(sub, 5, 'session_revoked', DAY, { cause: 'password_changed' });
    expect(await repository.history(sub)).toMatchObject([
      { sid, reason: 'session_revoked', cause: 'password_changed' },
    ]);
  });

  it('has sessions that nobody used again, found by the next login, with the end that they came to', async () => {
    const sub = randomSubject();
    const unused = await opened({ sub, idleTtl: 10 * MINUTE, absoluteTtl: DAY });
    const old = await opened({ sub, idleTtl: 20 * MINUTE, absoluteTtl: 20 * MINUTE });
    await opened({ sub, idleTtl: DAY, absoluteTtl: DAY });
    await letPass(sub, 60 * MINUTE);
    await opened({ sub, endedRetention: DAY });
    expect(await repository.history(sub)).toMatchObject([
      { sid: old.sid, reason: 'session_ended', cause: 'absolute' },
      { sid: unused.sid, reason: 'session_ended', cause: 'idle' },
    ]);
  });

  it('says of a session past its end that it ended then, whoever ends it later', async () => {
    const { sub, sid } = await opened({ idleTtl: 10 * MINUTE, absoluteTtl: DAY });
    await letPass(sub, 60 * MINUTE);
    await repository.end(sub, [sid], 'session_revoked', DAY, { cause: 'logout' });
    const [past] = await repository.history(sub);
    expect(past).toMatchObject({ reason: 'session_ended', cause: 'idle' });
    expect(past!.endedAt - past!.createdAt).toBe(10 * MINUTE);
  });

  it('is the latest few, the last first, and each for its retention', async () => {
    const sub = randomSubject();
    const sids: string[] = [];
    for (let n = 0; n < ENDS_REMEMBERED + 3; n += 1) {
      const { sid } = await opened({ sub });
      await repository.end(sub, [sid], 'session_revoked', 10 * MINUTE);
      sids.unshift(sid);
      await letPass(sub, 1_000);
    }
    await opened({ sub });
    expect((await repository.history(sub)).map(({ sid }) => sid)).toEqual(sids.slice(0, ENDS_REMEMBERED));
    await letPass(sub, 10 * MINUTE - 3_500);
    expect((await repository.history(sub)).length).toBeLessThan(5);
    await letPass(sub, 4_000);
    expect(await repository.history(sub)).toEqual([]);
  });

  it('is nothing without a retention, and nothing of a session that was not there', async () => {
    const { sub, sid } = await opened();
    await repository.end(sub, [(await opened()).sid], 'session_revoked', DAY);
    await repository.end(sub, [sid], 'session_revoked', 0);
    expect(await repository.history(sub)).toEqual([]);
  });
});

describe('in Redis', () => {
  const repository = () => new RedisTokenRepository(server.client, { keyPrefix, commandTimeout: 5_000 });
  const bytesOf = async (sub: string) => {
    const all = await server.client.hgetallBuffer(subjectKey(keyPrefix, sub));
    return Object.entries(all).reduce((sum, [field, value]) => sum + field.length + value.length, 0);
  };

  it('a successful refresh adds no command and no byte for it', async () => {
    const command = login();
    const { sub, sid, secretHash } = command;
    await repository().open(command);
    const step = (expectSeq: number) =>
      repository().advance({
        sub,
        sid,
        secretHash,
        generation: 0,
        expectSeq,
        nextSeq: expectSeq + 1,
        attempt: 'AAAAAAAAAAA',
        idleTtl: DAY,
        healedIdleEnd: null,
        claimsAt: null,
      });
    await step(0);
    const [fields, bytes] = [await server.client.hlen(subjectKey(keyPrefix, sub)), await bytesOf(sub)];
    await server.client.config('RESETSTAT');
    expect((await step(1)).advanced).toBe(true);
    const stats = await server.client.info('commandstats');
    const calls = [...stats.matchAll(/^cmdstat_(\w+).*?calls=(\d+)/gm)].map(([, name, count]) => [name, Number(count)]);
    const ours = calls.filter(([name]) => name !== 'config' && name !== 'info');
    expect(Object.fromEntries(ours)).toEqual({ evalsha: 1, time: 1, hmget: 1, hset: 1 });
    expect(await server.client.hlen(subjectKey(keyPrefix, sub))).toBe(fields);
    expect(await bytesOf(sub)).toBe(bytes);
  });

  it('keeps the hash of the subject in its compact form, whatever devices and addresses they had', async () => {
    const sub = randomSubject();
    const userAgent =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
    for (let n = 0; n < ENDS_REMEMBERED; n += 1) {
      const command = login({ sub, device: { ip: '2001:db8:1:2:3:4:5:6', userAgent, name: 'Chrome on Windows' } });
      await repository().open(command);
      const note = { cause: 'logout', ip: '2001:db8:9:8:7:6:5:4', distance: 70_000, age: 9e12 } as const;
      await repository().end(sub, [command.sid], 'session_revoked', DAY, note);
    }
    expect(await repository().history(sub)).toHaveLength(ENDS_REMEMBERED);
    expect(await server.client.object('ENCODING', subjectKey(keyPrefix, sub))).toBe('listpack');
  });

  it('is remembered when the memory is out, or not at all, and the end counts either way', async () => {
    const command = login();
    await repository().open(command);
    await server.client.config('SET', 'maxmemory', '1');
    try {
      expect(await repository().end(command.sub, [command.sid], 'session_revoked', DAY)).toEqual([command.sid]);
    } finally {
      await server.client.config('SET', 'maxmemory', '0');
    }
    expect((await repository().find(command.sub, command.sid)).record).toBeNull();
  });
});
