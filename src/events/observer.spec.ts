import { AuthError } from '../auth.errors.js';
import { AuthObserver, observeRefresh } from './observer.js';

class Heard extends AuthObserver {
  readonly told: unknown[] = [];

  override guardRefused(code: string): void {
    this.told.push(code);
  }

  override refreshEnded(refusal: string | null, milliseconds: number): void {
    this.told.push([refusal, milliseconds >= 0]);
  }
}

describe('what an observer is told of a refresh', () => {
  const observer = new Heard();
  beforeEach(() => void (observer.told.length = 0));

  it('that tokens were granted, and the caller gets them', async () => {
    expect(await observeRefresh(observer, async () => 'tokens')).toBe('tokens');
    expect(observer.told).toEqual([[null, true]]);
  });

  it('the code of a refusal, which the caller gets too', async () => {
    const refused = new AuthError('token_reused', 'spent');
    await expect(observeRefresh(observer, () => Promise.reject(refused))).rejects.toBe(refused);
    expect(observer.told).toEqual([['token_reused', true]]);
  });

  it('of a fault nobody foresaw no more than that there was one: its text may hold anything', async () => {
    await expect(observeRefresh(observer, () => Promise.reject(new TypeError('of somebody')))).rejects.toThrow();
    expect(observer.told).toEqual([['internal_error', true]]);
  });
});
