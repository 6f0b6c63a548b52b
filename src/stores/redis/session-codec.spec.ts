import type { SessionRecord } from '../../sessions/session.js';
import { packSession, unpackSession } from './session-codec.js';

const record: SessionRecord = {
  sid: 'AAAAAAAAAAAAAAAAAAAAAA',
  sub: 'user-7',
  clientId: 'default',
  transport: 'body',
  seq: 4_294_967_295,
  rotatedAt: 1_795_000_123_456,
  attempt: 'AQIDBAUGBwg',
  secretHash: 'EBESExQVFhcYGRobHB0eHw',
  createdAt: 1_795_000_000_999,
  authTime: 1_795_000_000,
  amr: ['pwd'],
  idleEnd: 1_795_086_400_000,
  absoluteEnd: 4_294_967_295_000,
  generation: 0,
  persistent: true,
  claimsAt: 1_795_000_000_999,
  device: {},
};

const roundTrip = (changes: Partial<SessionRecord>): SessionRecord => {
  const { session, details } = packSession({ ...record, ...changes });
  return unpackSession(record.sub, record.sid, session, details);
};

describe('session codec', () => {
  it.each<[string, Partial<SessionRecord>]>([
    ['the ordinary session', {}],
    ['a cookie session', { transport: 'cookie' }],
    ['a login that was earlier than the session', { authTime: 1_700_000_000 }],
    ['a small generation', { generation: 1 }],
    ['a generation in milliseconds', { generation: 1_795_000_000_000 }],
    ['the greatest generation', { generation: Number.MAX_SAFE_INTEGER }],
    ['no known method', { amr: [] }],
    ['methods in and out of the register', { amr: ['pwd', 'x-badge', 'otp', 'Schlüssel'] }],
    ['a session that ends with its browser', { persistent: false }],
    ['all of it at once', { transport: 'cookie', authTime: 0, generation: 7, amr: ['otp', 'b'], clientId: 'web' }],
  ])('brings back %s', (_case, changes) => {
    expect(roundTrip(changes)).toEqual({ ...record, ...changes });
  });

  it('an ordinary session is 50 bytes, because up to 53 a lone session stays in the 80 byte bin of Redis', () => {
    expect(packSession(record).session).toHaveLength(50);
    expect(packSession(record).details).toBeNull();
  });

  it('a session with everything is at most 64 bytes, because one more costs the whole hash its compact encoding', () => {
    const amr = ['pwd', 'otp', 'mfa', 'user'];

    expect(packSession({ ...record, amr, generation: 2 ** 48, authTime: 1 }).session).toHaveLength(64);
  });

  it('stored bytes stay readable: this is what version 1 looks like', () => {
    const stored =
      '17' +
      '00000009' +
      '01a1ed8b2600' +
      '0102030405060708' +
      '101112131415161718191a1b1c1d1e1f' +
      '01a1ed894c67' +
      '6afe2c80' +
      '6bcee400' +
      '00000000000005' +
      '6afcdb00' +
      '0b0882' +
      '7861';

    expect(unpackSession('user-7', record.sid, Buffer.from(stored, 'hex'), null)).toEqual({
      ...record,
      transport: 'cookie',
      seq: 9,
      rotatedAt: 0x01a1ed8b2600,
      createdAt: 0x01a1ed894c67,
      idleEnd: 0x6afe2c80 * 1000,
      absoluteEnd: 0x6bcee400 * 1000,
      generation: 5,
      authTime: 0x6afcdb00,
      claimsAt: 0x01a1ed894c67,
      amr: ['pwd', 'otp', 'xa'],
    });
  });

  it.each<[string, Partial<SessionRecord>, number]>([
    ['an ordinary session', {}, 1],
    ['how sure the login was, and when it ends', { acr: 'silver', persistent: false }, 1],
    ['who acts in it, which must not be overlooked', { act: { sub: 'support-7', generation: 3 } }, 2],
    ['claims of its own, which must not be overlooked', { sessionClaims: { tenant: 7 } }, 2],
  ])('has the lowest format that tells %s', (_case, changes, format) => {
    expect(packSession({ ...record, ...changes }).session[0]! >> 4).toBe(format);
  });

  it.each([
    ['of another version', Buffer.from([0x30, ...Array<number>(60).fill(0)])],
    ['cut', packSession(record).session.subarray(0, 48)],
    ['empty', Buffer.alloc(0)],
  ])('says so when a stored session is %s, instead of reading nonsense', (_case, stored) => {
    expect(() => unpackSession('user-7', record.sid, stored, null)).toThrow('A stored session has format');
  });

  it.each([
    ['too short', 'AAAA'],
    ['padded', 'AQIDBAUGBwg='],
    ['in another spelling of the same bytes', 'AQIDBAUGBwh'],
  ])('refuses an attempt that is %s, so that two spellings never meet', (_case, attempt) => {
    expect(() => packSession({ ...record, attempt })).toThrow('attempt must be 64 bits in base64url');
  });

  it('inflates the details only for what is in them, since that costs more than all else of a refresh here', () => {
    const browser =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
    const { session, details } = packSession({ ...record, device: { userAgent: browser } });
    const broken = Buffer.concat([details!.subarray(0, 1), Buffer.from('not deflated')]);
    const changes = { ofSubject: null, ofSession: { at: 0, claims: { tenant: 7 } } };
    const read = unpackSession(record.sub, record.sid, session, broken, changes);
    expect(read).toMatchObject({ clientId: 'default', seq: record.seq, sessionClaims: { tenant: 7 } });
    expect(() => read.device).toThrow();
  });
});
