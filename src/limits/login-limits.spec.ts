import { AuthClock } from '../auth.clock.js';
import { AuthEvents } from '../events/auth.events.js';
import { LoginLimits } from './login-limits.js';
import { AttemptLog, type Noted, type NotedAttempt } from './attempt-log.js';
import type { Limit } from './limit.js';
import { resolveOptions } from '../options/options.js';

const policyOf = (loginLimits: object) => resolveOptions({ issuer: 'https://auth.example', loginLimits }, 'refresh');

/** Counts without a time: what was noted stays until it is taken back. */
class CountingLog extends AttemptLog {
  readonly counts = new Map<string, number>();

  override async note(key: string, { attempts, window }: Limit): Promise<Noted> {
    const count = this.counts.get(key) ?? 0;
    if (count >= attempts) return { wait: window };
    this.counts.set(key, count + 1);
    return { at: 0 };
  }

  override async forget(key: string, _attempt: NotedAttempt): Promise<void> {
    this.counts.set(key, this.counts.get(key)! - 1);
  }
}

const limitsOf = (loginLimits: object, log = new CountingLog()) =>
  new LoginLimits(policyOf(loginLimits), log, new AuthClock(), new AuthEvents());
const home = { device: { ip: '203.0.113.7' } };
const REFUSED = { code: 'too_many_attempts' };

describe('an attempt that is refused', () => {
  it('counts for nothing, so that guesses at one account that is closed do not close all others for a source', async () => {
    const limits = limitsOf({ source: '3/15m', accountSource: '2/15m' });
    const guess = (account: string) => limits.consume({ account }, home);
    await guess('ann');
    await guess('ann');
    for (let again = 0; again < 5; again++) await expect(guess('ann')).rejects.toMatchObject(REFUSED);

    await expect(guess('bob')).resolves.toMatchObject({ counted: expect.anything() });
    await expect(guess('carol')).rejects.toMatchObject(REFUSED);
  });

  it('says after how many seconds there is room again', async () => {
    const limits = limitsOf({ register: '1/1h' });
    await limits.consume({ kind: 'register' }, home);
    await expect(limits.consume({ kind: 'register' }, home)).rejects.toMatchObject({ retryAfter: 3600 });
  });
});

describe('an attempt that was right', () => {
  it('is taken back everywhere, so that logins, however many, use up nothing', async () => {
    const log = new CountingLog();
    const limits = limitsOf({ source: '2/15m' }, log);
    for (let login = 0; login < 5; login++) await limits.reward(await limits.consume({ account: 'ann' }, home));
    expect([...log.counts.values()]).toEqual([0, 0, 0]);
  });
});
