import type { SessionDetails } from './session-details.js';
import { packDetails, unpackDetails } from './session-details.js';
import { USER_AGENT_DICTIONARY } from './user-agent-dictionary.js';

const bare: SessionDetails = { clientId: 'default', device: {} };

const chromeOn = (system: string, version: string): string =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version} Safari/537.36`;

const ORDINARY: readonly (readonly [name: string, device: SessionDetails['device']])[] = [
  ['Chrome on Windows', { name: 'Chrome on Windows', userAgent: chromeOn('Windows NT 10.0; Win64; x64', '138.0.0.0') }],
  [
    'Edge',
    { name: 'My work laptop', userAgent: `${chromeOn('Windows NT 10.0; Win64; x64', '141.0.0.0')} Edg/141.0.0.0` },
  ],
  ['Chrome on Linux', { name: 'Desk', userAgent: chromeOn('X11; Linux x86_64', '147.0.0.0') }],
  [
    'Chrome on Android',
    {
      name: "Maria's Pixel 9 Pro",
      userAgent: chromeOn('Linux; Android 10; K', '142.0.0.0').replace(' Safari', ' Mobile Safari'),
    },
  ],
  [
    'Safari on iPhone',
    {
      name: 'iPhone',
      userAgent:
        'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    },
  ],
  [
    'Safari on a Mac',
    {
      name: 'MacBook Pro',
      userAgent:
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15',
    },
  ],
  ['Firefox', { name: 'Büro', userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' }],
  ['an Android app', { name: 'Galaxy S24', userAgent: 'Shop/3.2.1 (Android 14; SM-S921B) okhttp/4.12.0' }],
];

describe('session details', () => {
  it('are nothing where there is nothing to keep', () => {
    expect(packDetails(bare)).toBeNull();
    expect(unpackDetails(null)).toEqual(bare);
  });

  it.each<[string, Partial<SessionDetails>]>([
    ['a client id', { clientId: 'web' }],
    ['a name', { device: { name: 'Zoë’s 📱' } }],
    ['empty texts, which are not the same as none', { device: { name: '', userAgent: '', ip: '' } }],
    ['claims', { subjectClaims: { roles: ['admin'], nested: { deep: [1, null, true] } } }],
    ['empty claims', { subjectClaims: {} }],
    [
      'claims with hostile names',
      { subjectClaims: JSON.parse('{"__proto__":{"x":1},"constructor":1}') as object as never },
    ],
    ['how sure the login was', { acr: 'urn:mace:incommon:iap:silver' }],
    ['who acts for the subject', { act: { sub: 'support-7', generation: 3 } }],
    ['a user agent of 4 kB', { device: { userAgent: 'x1y2'.repeat(1_000) } }],
    [
      'everything',
      {
        clientId: 'web',
        subjectClaims: { a: 1 },
        claimsAt: 1_795_000_000_999,
        device: { name: 'a', userAgent: 'b', ip: '10.0.0.1' },
      },
    ],
  ])('come back: %s', (_case, changes) => {
    const details = { ...bare, ...changes };

    expect(unpackDetails(packDetails(details))).toEqual(details);
  });

  it.each([
    '127.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '2001:db8::17',
    '2001:db8:85a3:8d3:1319:8a2e:370:7348',
    '::ffff:192.0.2.1',
    'fe80::1%eth0',
    '2001:DB8::1',
    '2001:0db8::1',
    '203.0.113.0/24',
    'not an address',
  ])('bring the address %s back as it was written', (ip) => {
    expect(unpackDetails(packDetails({ ...bare, device: { ip } })).device).toEqual({ ip });
  });

  it.each(ORDINARY)('of an ordinary device stay within 64 bytes, with its IPv6 address: %s', (_name, device) => {
    const packed = packDetails({ ...bare, device: { ...device, ip: '2001:db8:85a3:8d3:1319:8a2e:370:7348' } })!;

    expect(packed.length).toBeLessThanOrEqual(64);
  });

  it('the dictionary fits the window of the deflater', () => {
    expect(Buffer.byteLength(USER_AGENT_DICTIONARY)).toBeLessThanOrEqual(2_048);
  });

  it('stored bytes stay readable: the dictionary is part of the format', () => {
    const stored = Buffer.from('EwTLAHEJw1aG0dwthnjCxRAWLgA=', 'base64');

    expect(unpackDetails(stored)).toEqual({ ...bare, device: { ...ORDINARY[1]![1], ip: '203.0.113.9' } });
  });

  it.each([
    ['of another version', Buffer.from([0x20, 0x7b, 0x7d])],
    ['empty', Buffer.alloc(0)],
  ])('say so when they are %s', (_case, stored) => {
    expect(() => unpackDetails(stored)).toThrow('unknown to this version');
  });
});
