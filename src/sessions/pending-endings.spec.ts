import { Logger } from '@nestjs/common';
import { startLibrary } from '../../test/support/auth-library.js';
import { AuthError } from '../auth.errors.js';
import { PendingEndings } from './pending-endings.js';

const away = () => Promise.reject(new AuthError('store_unavailable', 'Away.'));

describe('an end that nobody can be told has failed', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  async function start() {
    const library = await startLibrary();
    const pending = new PendingEndings(library.endings);
    const { sessionId: sid } = await library.sessions.open({ sub: 'ann' });
    const ended = () => library.events.filter(({ type }) => type === 'session.ended');
    const end = () => pending.end({ sub: 'ann', sid, reason: 'session_replaced' });
    return { ...library, pending, sid, ended, end };
  }

  it('is tried again until the store answers, and told of once', async () => {
    const { repository, sessions, ended, end, sid } = await start();
    repository.next('end', away, away);
    await end();
    await jest.advanceTimersByTimeAsync(1_000);
    expect([await sessions.list('ann'), ended()]).toEqual([[expect.objectContaining({ sid })], []]);
    await jest.advanceTimersByTimeAsync(2_000);
    expect([await sessions.list('ann'), ended().length]).toEqual([[], 1]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is tried again where the store of a host fails in a way of its own, and that is logged', async () => {
    const { repository, ended, end } = await start();
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const broken = () => Promise.reject(new TypeError('no such column'));
    repository.next('end', broken, broken);
    await end();
    await jest.advanceTimersByTimeAsync(3_000);
    expect([ended().length, jest.getTimerCount()]).toEqual([1, 0]);
    expect(error.mock.calls.map(([text]) => String(text).includes('no such column'))).toEqual([true, true]);
    error.mockRestore();
  });

  it('does not wait for another that fails alone', async () => {
    const { repository, sessions, pending, ended, end } = await start();
    const { sessionId: sid } = await sessions.open({ sub: 'bob' });
    repository.next('end', away, away, away);
    await end();
    await pending.end({ sub: 'bob', sid, reason: 'session_replaced' });
    await jest.advanceTimersByTimeAsync(3_000);
    expect(ended()).toMatchObject([{ sub: 'bob' }, { sub: 'ann' }]);
  });

  it('is left when the application stops', async () => {
    const { repository, pending, end } = await start();
    repository.next('end', away);
    await end();
    pending.onModuleDestroy();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits for nothing where it is done at once', async () => {
    const { ended, end } = await start();
    await end();
    expect([ended().length, jest.getTimerCount()]).toEqual([1, 0]);
  });
});
