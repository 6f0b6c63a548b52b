import { RevocationList } from './revocation-list.js';

const RETENTION = 1_000;
const token = { sub: 'ann', sid: 's1', gen: 5, claims_at: 100 };
const session = { kind: 'session', sub: 'ann', sid: 's1', reason: 'session_revoked' } as const;
const list = (...entries: Parameters<RevocationList['add']>[0][]): RevocationList => {
  const known = new RevocationList(RETENTION);
  for (const entry of entries) known.add(entry, 0);
  return known;
};

describe('the list of revocations', () => {
  it('knows nothing against a token at first', () => {
    expect(list().check(token)).toBeNull();
  });

  it('refuses the tokens of a session that was ended, with the reason of its end', () => {
    const known = list({ ...session, reason: 'token_reused', at: 1 });
    expect(known.check(token)).toBe('token_reused');
    expect(known.check({ ...token, sid: 's2' })).toBeNull();
  });

  it('gives somebody who knows the id of a session no power over it: the subject must fit too', () => {
    const known = list({ ...session, sub: 'eve', at: 1 });
    expect(known.check(token)).toBeNull();
    known.add({ ...session, at: 2 }, 0);
    known.add({ ...session, sub: 'eve', at: 3 }, 0);
    expect(known.check(token)).toBe('session_revoked');
  });

  it('keeps two entries with one id apart, whichever is forgotten first', () => {
    const known = list({ ...session, sub: 'eve', at: 1 }, { ...session, at: 2 }, { ...session, sub: 'bob', at: 500 });
    expect([...known.entries()]).toHaveLength(3);
    known.prune(RETENTION + 1);
    expect([known.check({ ...token, sub: 'eve' }), known.check(token)]).toEqual([null, 'session_revoked']);
    known.add({ ...session, at: 600 }, 0);
    known.prune(RETENTION + 501);
    expect([known.check({ ...token, sub: 'bob' }), known.check(token)]).toEqual([null, 'session_revoked']);
  });

  it('refuses what is below a raised generation, and nothing at it: a login in the same second lives', () => {
    const known = list({ kind: 'generation', sub: 'ann', generation: 6, reason: 'session_revoked', at: 1 });
    expect(known.check(token)).toBe('session_revoked');
    expect(known.check({ ...token, gen: 6 })).toBeNull();
    expect(known.check({ ...token, sub: 'bob' })).toBeNull();
  });

  it('is not talked down by an older entry that comes late', () => {
    const raised = { kind: 'generation', sub: 'ann', reason: 'session_revoked' } as const;
    const known = list({ ...raised, generation: 6, at: 2 }, { ...raised, generation: 3, at: 1 });
    expect(known.check(token)).toBe('session_revoked');
  });

  it('refuses access tokens whose claims were read before they changed, or in the same millisecond; refresh tokens carry none', () => {
    const known = list({ kind: 'claims', sub: 'ann', at: 101 });
    expect(known.check(token)).toBe('claims_outdated');
    expect(known.check({ ...token, claims_at: 101 })).toBe('claims_outdated');
    expect(known.check({ ...token, claims_at: 102 })).toBeNull();
    expect(known.check({ ...token, claims_at: undefined })).toBeNull();
  });

  it('forgets an entry when no token can meet it any more, not before', () => {
    const known = list({ ...session, at: 1 });
    known.prune(RETENTION);
    expect(known.size).toBe(1);
    known.prune(RETENTION + 1);
    expect(known.size).toBe(0);
  });

  it('keeps an entry that was published again for as long as the later publication', () => {
    const other = { ...session, sid: 's2' };
    const known = list({ ...session, at: 1 }, { ...other, at: 2 }, { ...session, at: 500 });
    known.prune(RETENTION + 2);
    expect(known.check(token)).toBe('session_revoked');
    expect([...known.entries()]).toEqual([{ ...session, at: 1, keepFor: 499 + RETENTION }]);
    known.prune(RETENTION + 500);
    expect(known.size).toBe(0);
  });

  it('does not take in what is over already', () => {
    const known = new RevocationList(RETENTION);
    known.add({ ...session, at: 0 }, RETENTION);
    expect(known.size).toBe(0);
  });

  it('gives back all it holds, for a feed that lost it', () => {
    const entries = [
      { ...session, at: 1 },
      { kind: 'generation', sub: 'bob', generation: 7, reason: 'session_revoked', at: 2 },
      { kind: 'claims', sub: 'eve', at: 3 },
    ] as const;
    expect([...list(...entries).entries()]).toEqual(entries);
  });

  it('keeps an entry for as long as who published it says, where that is longer than it would itself', () => {
    const known = list({ ...session, at: 0, keepFor: 5 * RETENTION }, { ...session, sid: 's2', at: 0, keepFor: 1 });
    known.prune(RETENTION - 1);
    expect(known.size).toBe(2);
    known.prune(5 * RETENTION - 1);
    expect(known.check(token)).toBe('session_revoked');
    known.prune(5 * RETENTION);
    expect(known.size).toBe(0);
  });

  it.each([
    ['token_reused', 'session_revoked'],
    ['session_revoked', 'token_reused'],
  ] as const)('keeps the alarm, in whichever order the reasons come: %s, then %s', (first, second) => {
    const known = list({ ...session, reason: first, at: 1 }, { ...session, reason: second, at: 2 });
    expect(known.check(token)).toBe('token_reused');
  });

  it('keeps the first of two equal reasons, in whichever order they come', () => {
    const [first, second] = [{ ...session, reason: 'session_replaced', at: 1 } as const, { ...session, at: 2 }];
    expect(list(first, second).check(token)).toBe('session_replaced');
    expect(list(second, first).check(token)).toBe('session_replaced');
  });

  it('keeps the higher generation for as long as the lower one would have been kept', () => {
    const raised = { kind: 'generation', sub: 'ann', reason: 'session_revoked' } as const;
    const known = list(
      { ...raised, generation: 6, at: 1, keepFor: 5 * RETENTION },
      { ...raised, generation: 7, at: 2 },
    );
    known.prune(4 * RETENTION);
    expect(known.check({ ...token, gen: 6 })).toBe('session_revoked');
    known.prune(5 * RETENTION + 1);
    expect(known.size).toBe(0);
  });

  it('tells whether it knows an entry as it is: as strong, as high, and for as long', () => {
    const raised = { kind: 'generation', sub: 'ann', generation: 6, reason: 'session_revoked' } as const;
    const known = list({ ...session, at: 10 }, { ...raised, at: 10 }, { kind: 'claims', sub: 'ann', at: 10 });
    const tells = (...entries: Parameters<RevocationList['tells']>[0][]) => entries.map((entry) => known.tells(entry));
    expect(
      tells(
        { ...session, at: 10 },
        { ...raised, at: 10 },
        { ...raised, generation: 5, at: 10 },
        { kind: 'claims', sub: 'ann', at: 10 },
      ),
    ).toEqual([true, true, true, true]);
    expect(
      tells(
        { ...session, sub: 'eve', at: 10 },
        { ...session, at: 10, reason: 'token_reused' },
        { ...session, at: 11 },
        { ...session, at: 10, keepFor: RETENTION + 1 },
        { ...raised, generation: 7, at: 10 },
        { kind: 'claims', sub: 'ann', at: 11 },
      ),
    ).toEqual([false, false, false, false, false, false]);
  });

  it('holds what it needs not be told again: a session with an equal or stronger reason, a generation as high', () => {
    const raised = { kind: 'generation', sub: 'ann', reason: 'session_revoked' } as const;
    const known = list(
      { ...session, at: 1 },
      { ...raised, generation: 6, at: 1 },
      { kind: 'claims', sub: 'ann', at: 1 },
    );
    expect(known.holds({ ...session, reason: 'session_ended' })).toBe(true);
    expect(known.holds(session)).toBe(true);
    expect(known.holds({ ...session, reason: 'token_reused' })).toBe(false);
    expect(known.holds({ ...session, sub: 'eve' })).toBe(false);
    expect([5, 6, 7].map((generation) => known.holds({ ...raised, generation }))).toEqual([true, true, false]);
    // Claims that change once more are news.
    expect(known.holds({ kind: 'claims', sub: 'ann' })).toBe(false);
  });
});
