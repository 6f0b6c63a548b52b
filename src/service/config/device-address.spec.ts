import { keptAddress } from './device-address.js';

describe('what is kept of an address', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0'],
    ['::ffff:192.0.2.77', '192.0.2.0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
    ['2001:0DB8:0001:0000:0000:0000:0000:0006', '2001:db8:1::'],
    ['2001:db8::6', '2001:db8::'],
    ['2001::1:2:3:4:5:6', '2001:0:1::'],
    ['0:0:1::', '0:0:1::'],
    ['fe80::1%eth0', 'fe80::'],
    ['::1', '::'],
    ['1:2::192.0.2.1', '1:2::'],
    ['not an address', undefined],
    [undefined, undefined],
  ])('truncated: of %s its network, %s', (address, network) => {
    expect(keptAddress(address, 'truncated')).toBe(network);
  });

  it('is all of it, or nothing', () => {
    expect([keptAddress('192.0.2.77', 'full'), keptAddress('192.0.2.77', 'none')]).toEqual(['192.0.2.77', undefined]);
  });
});
