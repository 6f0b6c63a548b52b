import { AuthError } from '../../src/auth.errors.js';
import { InMemoryTokenRepository } from '../../src/stores/memory/in-memory-token.repository.js';
import { DAY, login, MINUTE, randomSid, randomSubject } from '../../src/testing/session-samples.js';
import { tokenRepositoryContract } from '../../src/testing/index.js';

describe('InMemoryTokenRepository', () => {
  let now = Date.now();
  const repository = new InMemoryTokenRepository(() => now);

  const contract = tokenRepositoryContract(() => ({
    repository,
    letPass: async (_sub, milliseconds) => void (now += milliseconds),
  }));
  it.each(contract)('$name', ({ run }) => run());

  describe('is bounded, because a process that grows without end is stopped for everyone', () => {
    const bounded = () => new InMemoryTokenRepository(() => now, { maxSessions: 3 });

    it('refuses a login beyond its sessions with store_unavailable', async () => {
      const store = bounded();
      for (let i = 0; i < 3; i += 1) await store.open(login());

      const error = await store.open(login()).catch((thrown: unknown) => thrown);

      expect(error).toBeInstanceOf(AuthError);
      expect(error).toMatchObject({ code: 'store_unavailable', retryAfter: 1 });
    });

    it('takes logins again when sessions of others have ended or are over', async () => {
      const store = bounded();
      const first = login();
      await store.open(first);
      await store.open(login({ idleTtl: MINUTE }));
      await store.open(login());
      await expect(store.open(login())).rejects.toThrow('3 sessions');

      await store.end(first.sub, [first.sid], 'session_revoked', DAY);
      expect(await store.open(login())).toMatchObject({ outcome: 'opened' });

      now += MINUTE;
      expect(await store.open(login())).toMatchObject({ outcome: 'opened' });
      await expect(store.open(login())).rejects.toThrow('3 sessions');
    });

    it('a full store does not sweep on every login, so that a flood of them costs nothing', async () => {
      let reads = 0;
      const store = new InMemoryTokenRepository(
        () => {
          reads += 1;
          return now;
        },
        { maxSessions: 1 },
      );
      await store.open(login({ idleTtl: 500 + 1_000 }));
      await expect(store.open(login())).rejects.toThrow('1 sessions');
      now += 999;
      await expect(store.open(login())).rejects.toThrow('1 sessions');
      now += 1_001;

      expect(await store.open(login())).toMatchObject({ outcome: 'opened' });
      expect(reads).toBe(4);
    });

    it('forgets the oldest reasons first, and never more than it must', async () => {
      const store = bounded();
      const sub = randomSubject();
      const sids = Array.from({ length: 4 }, randomSid);
      for (const sid of sids) await store.end(sub, [sid], 'session_revoked', DAY);

      const kept = await Promise.all(sids.map(async (sid) => (await store.find(sub, sid)).ended));

      expect(kept).toEqual([null, 'session_revoked', 'session_revoked', 'session_revoked']);
    });
  });

  it('keeps its own copy of what a caller may go on changing', async () => {
    const roles = ['user'];
    const command = login({ subjectClaims: { roles } });
    await repository.open(command);
    roles.push('admin');

    expect((await repository.find(command.sub, command.sid)).record!.subjectClaims).toEqual({ roles: ['user'] });
  });
});
