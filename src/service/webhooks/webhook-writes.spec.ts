import type { WebhookPayload } from './webhook-event.js';
import { WebhookWrites } from './webhook-writes.js';

const payload = (sid: string, type = 'session.ended'): WebhookPayload => ({ type, timestamp: '', data: { sid } });

describe('events on their way into the outbox', () => {
  let fails: (payload: WebhookPayload) => boolean;
  let tried: string[];
  let written: string[];
  let told: string[];
  let writes: WebhookWrites;
  beforeEach(() => {
    [tried, written, told] = [[], [], []];
    fails = () => true;
    const nameOf = ({ type, data }: WebhookPayload) => `${String(data.sid)} ${type}`;
    writes = new WebhookWrites(
      async (one) => {
        tried.push(nameOf(one));
        await Promise.resolve();
        if (fails(one)) throw new Error('away');
        written.push(nameOf(one));
      },
      (one) => told.push(nameOf(one)),
    );
  });

  it('are named once while they cannot be written, however often they are tried: an outage must not fill the log', async () => {
    await Promise.all([writes.add(payload('a', 'session.opened')), writes.add(payload('a')), writes.add(payload('b'))]);
    for (let n = 0; n < 5; n++) await writes.retry();
    expect(told.toSorted()).toEqual(['a session.ended', 'a session.opened', 'b session.ended']);
    expect(writes.pending).toBe(3);
  });

  it('are tried one in each round while none can be written, so that a round takes no longer than one attempt', async () => {
    await Promise.all(['a', 'b', 'c'].map((sid) => writes.add(payload(sid))));
    tried = [];
    await Promise.all([writes.retry(), writes.retry()]);
    expect(tried).toHaveLength(1);
  });

  it('are written in their order, all of a session, once that is possible again', async () => {
    await Promise.all([writes.add(payload('a', 'session.opened')), writes.add(payload('a', 'token.reused'))]);
    fails = () => false;
    await Promise.all([writes.add(payload('a')), writes.retry()]);
    expect(written).toEqual(['a session.opened', 'a token.reused', 'a session.ended']);
    expect(writes.pending).toBe(0);
  });

  it('beyond ten thousand are named and not kept, so that a long outage does not fill the memory', async () => {
    const all = Array.from({ length: 10_001 }, (_, n) => payload(String(n)));
    await Promise.all(all.map((one) => writes.add(one)));
    expect(writes.pending).toBe(10_000);
    expect(told).toContain('10000 session.ended');
  });

  it('do not wait for one that can never be written', async () => {
    await Promise.all(['a', 'b', 'c'].map((sid) => writes.add(payload(sid))));
    fails = ({ data }) => data.sid === 'a';
    for (let n = 0; n < 2; n++) await writes.retry();
    expect(written.toSorted()).toEqual(['b session.ended', 'c session.ended']);
    fails = () => false;
    await writes.retry();
    expect([written.at(-1), writes.pending]).toEqual(['a session.ended', 0]);
  });
});
