import { sourceOf } from './source.js';

describe('where an attempt comes from', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ])('%s is %s', (address, source) => {
    expect(sourceOf(address)).toBe(source);
  });

  it.each([undefined, '', 'unknown', '192.0.2', "' or 1=1", '1.2.3.4, 5.6.7.8', '[::1]'])(
    '%j is no address, and all such are one source, since anybody could make up more',
    (address) => {
      expect(sourceOf(address)).toBe('unknown');
    },
  );
});
