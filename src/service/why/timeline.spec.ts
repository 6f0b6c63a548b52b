import type { PastSession, SessionRecord, Snapshot } from '../../index.js';
import { timelineOf } from './timeline.js';

/** The rest of the timeline, on the store of a service, is in test/e2e/admin-lists.e2e.spec.ts and why.e2e.spec.ts. */
const NOW = 1_800_000_000_500;
const HOUR = 3_600_000;
const session = { clientId: 'default', device: {}, seq: 0, createdAt: NOW - 9 * HOUR, rotatedAt: NOW - 9 * HOUR };
const record = (sid: string, changes: Partial<SessionRecord> = {}) =>
  ({ ...session, sid, idleEnd: NOW + HOUR, absoluteEnd: NOW + HOUR, ...changes }) as SessionRecord;
const past = (sid: string, changes: Partial<PastSession> = {}): PastSession => ({
  ...session,
  sid,
  reason: 'session_revoked',
  endedAt: NOW - HOUR,
  ...changes,
});
const found = (one: SessionRecord | null, ended: Snapshot['ended'] = null): Snapshot => ({
  record: one,
  ended,
  generation: 0,
  claimsChangedAt: 0,
  now: NOW,
});

it('ends where the session ended: what happened a second later is no part of it', () => {
  const later = { createdAt: NOW - HOUR + 1000, rotatedAt: NOW - HOUR + 1000, endedAt: NOW };
  const stored = { found: found(null), sessions: [record('later', later)], past: [past('asked'), past('x', later)] };
  const events = timelineOf('asked', stored)!.events.map(({ session_id: sid, event }) => `${event} ${sid}`);
  expect(events).toEqual(['session.opened asked', 'session.ended asked']);
});

it('has the end of a session that is over and that nobody has come upon yet', () => {
  for (const [ends, cause] of [
    [{ idleEnd: NOW - 1000 }, 'idle'],
    [{ idleEnd: NOW - 1000, absoluteEnd: NOW - 1000 }, 'absolute'],
  ] as const) {
    const { state, events } = timelineOf('asked', { found: found(record('asked', ends)), sessions: [], past: [] })!;
    expect([state, events.at(-1)]).toEqual([
      'ended',
      { at: (NOW - 1500) / 1000, event: 'session.ended', session_id: 'asked', reason: 'session_ended', cause },
    ]);
  }
});

it('has the reason alone where no more is remembered, and is none where nothing is', () => {
  const nothing = { sessions: [], past: [] };
  expect(timelineOf('asked', { found: found(null, 'token_reused'), ...nothing })).toMatchObject({
    state: 'ended',
    explanation: expect.stringMatching(/used again/),
    events: [],
  });
  expect(timelineOf('asked', { found: found(null), ...nothing })).toBeNull();
});
