import { AuthClock } from '../auth.clock.js';
import type { AuthPolicy } from '../options/options.js';
import { RevocationSource, type PublishedRevocation, type RevocationSubscriber } from './revocation-feed.js';
import { Revocations } from './revocations.js';

const MINUTE = 60_000;
const LIFE = 5 * MINUTE;
const policy = {
  clients: new Map([['default', { accessTtl: LIFE }]]),
  revocation: { maxStaleness: 10_000 },
  clockTolerance: 5_000,
} as unknown as AuthPolicy;

const ended = (sid: string, at: number): PublishedRevocation => ({
  kind: 'session',
  sub: 'ann',
  sid,
  reason: 'session_revoked',
  at,
});

class SourceOfTest extends RevocationSource {
  subscriber!: RevocationSubscriber;

  async subscribe(subscriber: RevocationSubscriber): Promise<void> {
    this.subscriber = subscriber;
  }

  staleness(): number {
    return 0;
  }
}

/** An instance whose machine's clock is ahead of the store's. */
async function instance({ ahead, isApart = true }: { ahead: number; isApart?: boolean }) {
  const state = { store: 1_000_000_000, ahead };
  const clock = new AuthClock(
    () => state.store + state.ahead,
    () => state.store,
    isApart,
  );
  const source = new SourceOfTest();
  const revocations = new Revocations(policy, source, clock);
  await revocations.onModuleInit();
  const { receive, held } = source.subscriber;
  return {
    state,
    clock,
    revocations,
    receive: (...entries: PublishedRevocation[]) => receive(entries),
    held: () => [...held()],
    /** @param leap by how much the store's clock is wrong just then */
    measure: (leap = 0) => clock.follow(async () => state.store + leap),
    verdict: (sid: string) => revocations.check({ sub: 'ann', sid, gen: 0 }),
  };
}

describe('what an instance forgets', () => {
  it('is nothing before it knows the time of the store, since its own may be hours ahead', async () => {
    const { state, revocations, receive, held, measure, verdict } = await instance({ ahead: 60 * MINUTE });
    receive(ended('s1', state.store - MINUTE), ended('s2', state.store));
    expect([held().length, revocations.holds(ended('s1', 0))]).toEqual([2, true]);
    await measure();
    receive(ended('s3', state.store));
    expect([verdict('s1'), verdict('s2')]).toEqual(['session_revoked', 'session_revoked']);
  });

  it('is what is over by the time of the store, as soon as that is known', async () => {
    const { state, receive, held, measure, verdict } = await instance({ ahead: -60 * MINUTE });
    receive(ended('s1', state.store - 2 * LIFE), ended('s2', state.store));
    await measure();
    expect(held()).toHaveLength(1);
    expect([verdict('s1'), verdict('s2')]).toEqual([null, 'session_revoked']);
  });

  it('is nothing for a clock of the store that leaps ahead, since NTP may set it back, as after the start of a server', async () => {
    const { state, receive, held, measure, verdict } = await instance({ ahead: 0 });
    await measure();
    receive(ended('s1', state.store));
    state.store += MINUTE;
    await measure(60 * MINUTE);
    receive(ended('s2', state.store + 60 * MINUTE));
    expect(held()).toHaveLength(2);
    state.store += MINUTE;
    await measure();
    expect(verdict('s1')).toBe('session_revoked');
  });

  it('is what is over by a clock of the store that leapt and stayed there, in the end', async () => {
    const { state, receive, held, measure } = await instance({ ahead: 0 });
    await measure();
    held();
    await measure(60 * MINUTE);
    receive(ended('s1', state.store + 60 * MINUTE));
    for (const left of [1, 0]) {
      state.store += 2 * LIFE;
      await measure(60 * MINUTE);
      expect(held()).toHaveLength(left);
    }
  });

  it('is decided by what comes later where the time cannot be asked for, since a clock that is ahead may be set back', async () => {
    const { state, receive, verdict } = await instance({ ahead: 60 * MINUTE, isApart: false });
    receive(ended('s1', state.store - MINUTE), ended('s2', state.store));
    state.ahead = 0;
    expect([verdict('s1'), verdict('s2')]).toEqual(['session_revoked', 'session_revoked']);
    receive(ended('s3', state.store + 2 * LIFE));
    expect(verdict('s1')).toBe('session_revoked');
    state.store += 2 * LIFE;
    receive(ended('s4', state.store));
    expect([verdict('s1'), verdict('s3')]).toEqual([null, 'session_revoked']);
  });
});

describe('an instance that does not know the time of the store', () => {
  it('counts as stale, and so it renews nothing', async () => {
    const { revocations, measure } = await instance({ ahead: 0 });
    expect(revocations.isStale()).toBe(true);
    await measure();
    expect(revocations.isStale()).toBe(false);
  });

  it('dates no claims, since no change could outdate those of a clock that is ahead', async () => {
    const { state, revocations, clock } = await instance({ ahead: 20_000 });
    const away = new Error('the store is away');
    const answers = [() => Promise.reject(away), () => Promise.resolve(state.store)];
    clock.measureBy(() => answers.shift()!());
    await expect(revocations.claimsTime('ann', 's1')).rejects.toBe(away);
    expect(await revocations.claimsTime('ann', 's1')).toBeLessThanOrEqual(state.store);
    expect(await revocations.claimsTime('ann', 's1')).toBeLessThanOrEqual(state.store);
  });
});
