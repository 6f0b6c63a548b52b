import { lostRevocations, repairsOf } from './healing.js';
import type { PublishedRevocation } from './revocation-feed.js';

const ended = { kind: 'session', sub: 'ann', sid: 's1', reason: 'session_revoked', at: 1, keepFor: 100 } as const;
const raised = {
  kind: 'generation',
  sub: 'ann',
  generation: 7,
  reason: 'session_revoked',
  at: 1,
  keepFor: 100,
} as const;
const changed = { kind: 'claims', sub: 'ann', at: 1, keepFor: 100 } as const;

describe('what a store that went back in time has lost', () => {
  it('is what the feed does not tell any more, in the words it was published in', () => {
    const other = { ...ended, sid: 's2' };
    expect(lostRevocations([ended, other, raised, changed], [other])).toEqual([ended, raised, changed]);
    expect(lostRevocations([ended, raised, changed], [])).toEqual([ended, raised, changed]);
  });

  it('is nothing where the feed tells all, in any order, or more', () => {
    const more: PublishedRevocation[] = [{ ...raised, generation: 8 }, { ...ended, reason: 'token_reused' }, changed];
    expect(lostRevocations([ended, raised, changed], more)).toEqual([]);
    expect(lostRevocations([], more)).toEqual([]);
  });

  it('is an entry of which the feed has kept only a weaker, lower or shorter one', () => {
    const [alarm, later] = [{ ...ended, reason: 'token_reused' } as const, { ...ended, keepFor: 200 }];
    expect(lostRevocations([alarm], [ended])).toEqual([alarm]);
    expect(lostRevocations([later], [ended])).toEqual([later]);
    expect(lostRevocations([raised], [{ ...raised, generation: 6 }])).toEqual([raised]);
  });

  it('is not covered by the same id under another subject', () => {
    expect(lostRevocations([ended], [{ ...ended, sub: 'eve' }])).toEqual([ended]);
  });
});

describe('what is done to the store again', () => {
  it('ends exactly the session that an entry names, under its subject, for its reason', () => {
    const alarm = { ...ended, sid: 's2', reason: 'token_reused' } as const;
    expect(repairsOf([ended, alarm])).toEqual([
      { kind: 'end', sub: 'ann', sid: 's1', reason: 'session_revoked' },
      { kind: 'end', sub: 'ann', sid: 's2', reason: 'token_reused' },
    ]);
  });

  it('raises a generation, by which only older sessions end', () => {
    expect(repairsOf([raised])).toEqual([{ kind: 'raise', sub: 'ann', generation: 7, reason: 'session_revoked' }]);
  });

  it('ends nothing for changed claims', () => {
    expect(repairsOf([changed])).toEqual([]);
  });
});
