import { isFromThisMachine } from './metrics.controller.js';

const from = (remoteAddress: string | undefined, headers: Record<string, string> = {}) =>
  isFromThisMachine({ socket: { remoteAddress }, headers });

describe('whether metrics are asked for from this machine', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
    expect(from(address)).toBe(true);
  });

  it.each(['10.0.0.7', '::ffff:10.0.0.7', '2001:db8::1', '1127.0.0.1', '::1:2', '', undefined])(
    '%s is another, or nobody knows',
    (address) => {
      expect(from(address)).toBe(false);
    },
  );

  it('no header makes another machine this one', () => {
    expect(from('10.0.0.7', { 'x-forwarded-for': '127.0.0.1', host: 'localhost' })).toBe(false);
  });

  it('a proxy here that asks for somebody elsewhere is not this machine', () => {
    expect(from('127.0.0.1', { 'x-forwarded-for': '203.0.113.7' })).toBe(false);
  });
});
