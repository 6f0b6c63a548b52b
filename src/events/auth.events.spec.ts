import { Logger } from '@nestjs/common';
import { AuthEvents, type AuthEvent } from './auth.events.js';

const CHANGED = { type: 'claims.changed', sub: 'ann' } as const;

describe('telling events', () => {
  const errors: unknown[][] = [];
  const quiet = () => undefined;
  beforeEach(() => {
    errors.length = 0;
    Logger.overrideLogger({ log: quiet, warn: quiet, error: (...line: unknown[]) => errors.push(line) });
  });
  afterEach(() => Logger.overrideLogger(false));

  it('says which request it was, and no name that the device has given itself', () => {
    const events = new AuthEvents();
    const heard: AuthEvent[] = [];
    events.listen((event) => heard.push(event));
    events.emit(CHANGED, { requestId: 'r-1', device: { ip: '::1', userAgent: 'app', name: 'Phone' } });
    expect(heard).toEqual([{ ...CHANGED, requestId: 'r-1', ip: '::1', userAgent: 'app' }]);
  });

  it('goes on to the next listener when one throws, and tells the operator whose fault it was', () => {
    const events = new AuthEvents();
    const heard: string[] = [];
    events.listen(() => {
      throw new Error('the mail server is away');
    });
    events.listen(({ type }) => heard.push(type));
    events.emit(CHANGED);
    expect(heard).toEqual(['claims.changed']);
    expect(errors).toEqual([
      ['A listener of claims.changed failed', expect.stringContaining('mail server is away'), 'Keyturn'],
    ]);
  });

  it('takes care of a rejected promise, which else would end the process', async () => {
    const events = new AuthEvents();
    events.listen(() => Promise.reject(new Error('the mail server is away')));
    events.emit(CHANGED);
    await Promise.resolve();
    expect(errors).toHaveLength(1);
  });

  it('stops when it is told to', () => {
    const events = new AuthEvents();
    const heard: string[] = [];
    const stop = events.listen(({ type }) => heard.push(type));
    stop();
    events.emit(CHANGED);
    expect(heard).toEqual([]);
  });
});
