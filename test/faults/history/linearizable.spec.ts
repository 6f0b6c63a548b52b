import { History } from './history.mjs';
import { explain, type Incident, type Operation, type SessionHistory } from './linearizable.mjs';

const SECOND = 1_000;
const HOUR = 3_600_000;
const POLICY = { grace: 30 * SECOND, attemptTtl: 24 * HOUR };
const STRICT = { ...POLICY, grace: 0 };

type Span = readonly [asked: number, answered: number];

/** A refresh of the token with this number that got a successor. */
const ok = (seq: number, [asked, answered]: Span, more: Partial<Operation> = {}): Operation => ({
  kind: 'refresh',
  outcome: 'ok',
  seq,
  nextSeq: seq + 1,
  next: `token ${seq + 1}`,
  attempt: null,
  at: 'one',
  asked,
  answered,
  ...more,
});
const refused = (seq: number, code: string, [asked, answered]: Span, more: Partial<Operation> = {}): Operation => ({
  kind: 'refresh',
  outcome: 'refused',
  seq,
  code,
  attempt: null,
  at: 'one',
  asked,
  answered,
  ...more,
});
/** A refresh that was answered 503, or not at all. */
const unknown = (seq: number, [asked, gaveUp]: Span, more: Partial<Operation> = {}): Operation => ({
  kind: 'refresh',
  outcome: 'unknown',
  seq,
  attempt: 'memory:one',
  at: 'one',
  asked,
  answered: Infinity,
  gaveUp,
  ...more,
});
const logout = ([asked, answered]: Span): Operation => ({
  kind: 'end',
  outcome: 'done',
  reason: 'session_revoked',
  asked,
  answered,
});
const unansweredLogout = ([asked, gaveUp]: Span): Operation => ({
  kind: 'end',
  outcome: 'unknown',
  reason: 'session_revoked',
  asked,
  answered: Infinity,
  gaveUp,
});
const fallsBack = (from: number, until: number, more: Partial<Incident> = {}): Incident => ({
  id: 0,
  from,
  until,
  floor: 0,
  remembered: true,
  ...more,
});

const history = (operations: readonly Operation[], more: Partial<SessionHistory> = {}): SessionHistory => ({
  operations,
  policy: POLICY,
  ...more,
});

describe('the linearizability checker of the fault runs', () => {
  it.each<[story: string, SessionHistory]>([
    ['one refresh after another', history([ok(0, [0, 1]), ok(1, [2, 3]), ok(2, [4, 5])])],
    ['two tabs at once, which get the same successor', history([ok(0, [0, 9]), ok(0, [1, 5]), ok(1, [10, 11])])],
    ['a second tab within grace, answered in the other order', history([ok(0, [5, 6]), ok(0, [0, 9])])],
    [
      'an answer that was lost: the retry gets the successor',
      history([unknown(0, [0, 500]), ok(0, [600, 601]), ok(1, [700, 701])]),
    ],
    ['a request without an answer that never ran', history([unknown(0, [0, 500]), ok(0, [600, 601])])],
    [
      'a script that runs seconds after its caller was told 503, between two others',
      history([unknown(0, [0, 500]), ok(0, [5_000, 5_001]), ok(1, [5_010, 5_011]), unknown(2, [5_020, 5_500])]),
    ],
    [
      'no grace, and a retry at the instance that lost the answer',
      history([unknown(0, [0, 500]), ok(0, [90_000, 90_001])], { policy: STRICT }),
    ],
    [
      'a retry hours later with the same key',
      history([
        unknown(0, [0, 500], { attempt: 'key:a' }),
        ok(0, [5 * HOUR, 5 * HOUR + 1], { attempt: 'key:a', at: 'two' }),
      ]),
    ],
    [
      'a thief after the owner: both end',
      history([
        ok(0, [0, 1]),
        ok(1, [2, 3]),
        refused(0, 'token_reused', [4, 5]),
        refused(2, 'token_reused', [6, 7]),
        refused(2, 'session_ended', [8, 9]),
      ]),
    ],
    ['a refresh that races with a logout and wins', history([logout([0, 10]), ok(0, [1, 9])])],
    ['one that loses', history([logout([0, 10]), refused(0, 'session_revoked', [1, 9])])],
    [
      'a logout without an answer, which has happened all the same',
      history([unansweredLogout([0, 500]), refused(0, 'session_revoked', [600, 601])]),
    ],
    [
      'a store that falls back by two rotations: the token in hand counts on',
      history([ok(0, [0, 1]), ok(1, [2, 3]), ok(2, [4, 5]), ok(3, [20, 21]), ok(4, [22, 23])], {
        incidents: [fallsBack(10, 15, { floor: 1 })],
      }),
    ],
    [
      'a logout that a store has lost and nobody remembers',
      history([ok(0, [0, 1]), logout([4, 5]), ok(1, [20, 21])], {
        incidents: [fallsBack(10, 15, { remembered: false })],
      }),
    ],
    [
      'a store that lost all',
      history([ok(0, [0, 1]), refused(1, 'session_ended', [20, 21])], {
        incidents: [fallsBack(10, 15, { floor: null })],
      }),
    ],
    [
      'a token used again when grace is over: taken for theft',
      history([ok(0, [0, 1]), refused(0, 'token_reused', [31 * SECOND, 31 * SECOND + 1])]),
    ],
  ])('finds an order for %s', (_story, told) => {
    expect(explain(told)).toBeNull();
  });

  it.each<[story: string, SessionHistory]>([
    ['a fork: two successors of one token', history([ok(0, [0, 9]), ok(0, [1, 8], { next: 'another token 1' })])],
    [
      'a fork that shows only at the retry of a lost answer',
      history([ok(0, [0, 1]), unknown(0, [2, 500]), ok(0, [600, 601], { next: 'another token 1' })]),
    ],
    ['a token two steps old that is taken', history([ok(0, [0, 1]), ok(1, [2, 3]), ok(0, [4, 5])])],
    ['a spent token that is taken after grace', history([ok(0, [0, 1]), ok(0, [31 * SECOND, 31 * SECOND + 1])])],
    ['a spent token that is taken without grace', history([ok(0, [0, 1]), ok(0, [2, 3])], { policy: STRICT })],
    [
      'the key of another attempt, long after',
      history([ok(0, [0, 1], { attempt: 'key:a' }), ok(0, [HOUR, HOUR + 1], { attempt: 'key:b' })]),
    ],
    [
      'the same key after its time',
      history([
        ok(0, [0, 1], { attempt: 'key:a' }),
        ok(0, [25 * HOUR, 25 * HOUR + 1], { attempt: 'key:a', at: 'two' }),
      ]),
    ],
    ['a refresh after an acknowledged logout', history([logout([0, 1]), ok(0, [2, 3])])],
    [
      'a session that lives again after it was refused',
      history([unansweredLogout([0, 9]), refused(0, 'session_revoked', [10, 11]), ok(0, [12, 13])]),
    ],
    [
      'a logout that comes back with a store that fell back, though an instance remembers it',
      history([ok(0, [0, 1]), logout([4, 5]), ok(1, [20, 21])], { incidents: [fallsBack(10, 15)] }),
    ],
    [
      'numbers that were safe before the store fell back',
      history([ok(0, [0, 1]), ok(1, [2, 3]), ok(2, [4, 5]), ok(0, [20, 21])], {
        incidents: [fallsBack(10, 15, { floor: 2 })],
      }),
    ],
    ['an honest client that is taken for a thief', history([ok(0, [0, 1]), refused(0, 'token_reused', [2, 3])])],
    [
      'an honest client whose session is over for no reason',
      history([ok(0, [0, 1]), refused(1, 'session_ended', [2, 3])]),
    ],
    ['a reason that nobody gave', history([logout([0, 1]), refused(0, 'token_reused', [2, 3])])],
    [
      'a thief that erases the alarm by a logout',
      history([
        ok(0, [0, 1]),
        ok(1, [2, 3]),
        refused(0, 'token_reused', [4, 5]),
        logout([6, 7]),
        refused(2, 'session_revoked', [8, 9]),
      ]),
    ],
    ['a successor that skips a number', history([ok(0, [0, 1], { nextSeq: 2 })])],
    ['a token that nobody was given', history([ok(0, [0, 1]), ok(3, [2, 3])])],
    ['a refresh that counts before it was asked', history([ok(1, [0, 1]), ok(0, [2, 3])])],
  ])('finds none for %s', (_story, told) => {
    expect(explain(told)).toMatch(/^no order explains/);
  });

  it('decides a long history with many at once and many unanswered in no time', () => {
    const operations = Array.from({ length: 300 }, (_, seq) => [
      ...Array.from({ length: 5 }, (_one, tab) => ok(seq, [seq * SECOND + tab, seq * SECOND + 60 - tab])),
      ...Array.from({ length: 5 }, (_one, tab) => unknown(seq, [seq * SECOND + tab, seq * SECOND + 90])),
    ]).flat();
    expect(explain(history(operations))).toBeNull();
    expect(explain(history([...operations, ok(100, [400 * SECOND, 400 * SECOND + 1])]))).toMatch(
      /no order explains refresh 100/,
    );
  });
});

describe('the history that clients write down', () => {
  const tokenOf = (seq: number, sid = 'session'): string => {
    const claims = Buffer.from(JSON.stringify({ sub: 'ann', sid, seq })).toString('base64url');
    return `head.${claims}.signature`;
  };
  let now = 0;
  const started = () => {
    now = 0;
    const written = new History(() => (now += 1));
    return {
      written,
      refresh: (seq: number, answer: Parameters<ReturnType<History['refresh']>>[0], at = 'one') =>
        written.refresh(tokenOf(seq), { at })(answer),
    };
  };
  const given = (seq: number) => ({ status: 200, refreshToken: tokenOf(seq) });

  it('counts a 503 and no answer as unknown, and both as nothing wrong', () => {
    const { written, refresh } = started();
    refresh(0, { status: 503, code: 'store_unavailable' });
    refresh(0, { status: 0 }, 'two');
    refresh(0, given(1));
    expect([written.size, written.check()]).toEqual([3, []]);
  });

  it('names the session in which something is wrong, and no other', () => {
    const { written, refresh } = started();
    written.refresh(tokenOf(0, 'sound'), { at: 'one' })({ status: 200, refreshToken: tokenOf(1, 'sound') });
    written.end('ann', 'session')(true);
    refresh(0, given(1));
    expect(written.check()).toEqual([expect.stringMatching(/^session session: no order explains refresh 0 → 1/)]);
  });

  it('takes an end of all sessions of a user for an end of each, and one without an answer for none', () => {
    const { written, refresh } = started();
    refresh(0, given(1));
    written.end('ann')(false);
    refresh(1, given(2));
    expect(written.check()).toEqual([]);
    written.end('ann')(true);
    refresh(2, given(3));
    expect(written.check()).toHaveLength(1);
  });

  it('knows for how long the store may have gone back, and what it could not lose', () => {
    const { written, refresh } = started();
    refresh(0, given(1));
    refresh(1, given(2));
    const over = written.losesWrites();
    over();
    refresh(2, given(3));
    expect(written.check()).toEqual([]);
    refresh(0, given(1));
    expect(written.check()).toHaveLength(1);
  });

  it('lets time pass for one session', () => {
    const { written, refresh } = started();
    refresh(0, given(1));
    written.wait('ann', 'session', HOUR)();
    refresh(0, { status: 401, code: 'token_reused' });
    expect(written.check()).toEqual([]);
  });
});
