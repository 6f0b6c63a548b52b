import { createSecretKey, randomBytes } from 'node:crypto';
import { byHmac, forge, otherSpellings, part, seeded, withPart } from '../../test/support/forged-tokens.js';
import { AuthError } from '../auth.errors.js';
import { generateKeys } from './generate-keys.js';
import { parseKeyRing } from './key-ring.js';
import { hashAttempt, hashSecret, RefreshTokens } from './refresh-token.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-03-01T12:00:00.789Z');
const ISSUER = 'https://auth.example';
const time = (days: number) => new Date(NOW + days * DAY).toISOString();

const [accessKey] = generateKeys().keys;
const refreshKey = (kid: string, changes: object = {}) => ({
  kty: 'oct',
  k: randomBytes(32).toString('base64url'),
  kid,
  purpose: 'refresh',
  ...changes,
});
const tokensOf = (...keys: object[]) =>
  new RefreshTokens(parseKeyRing({ keys: [accessKey, ...keys] }, 'ES256'), ISSUER);

const key = refreshKey('r');
const tokens = tokensOf(key);
const secretOf = ({ k }: { k: string }) => createSecretKey(Buffer.from(k, 'base64url'));

const record = {
  sub: 'ann',
  sid: 'sid-of-the-session',
  clientId: 'default',
  seq: 3,
  generation: 7,
  rotatedAt: NOW,
  absoluteEnd: Math.floor(NOW / 1000) * 1000 + 90 * DAY,
};
const sec = 'c2VjcmV0LW9mLTEyOC1iaXRz';
const token = tokens.sign(record, sec, NOW);
const kidOf = (signed: string) =>
  (JSON.parse(Buffer.from(signed.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;

const verdict = (given: string, by = tokens): string => {
  try {
    by.readSigned(given, NOW);
    return 'accepted';
  } catch (error) {
    return error instanceof AuthError ? error.code : `${String(error)}, which would be a 500`;
  }
};

describe('refresh tokens: making', () => {
  it('gives the same bytes each time, because a retry must get exactly what was lost', () => {
    expect(tokens.sign({ ...record }, sec, NOW + 20_000)).toBe(token);
    expect(tokensOf(key).sign(record, sec, NOW + 80 * DAY)).toBe(token);
  });

  it('depends on nothing that another write of the record may move', () => {
    const moved = { ...record, idleEnd: 1, authTime: 2, attempt: 'other', device: { name: 'phone' } };
    expect(tokens.sign(moved, sec, NOW)).toBe(token);
  });

  it('tells of the session what a refresh needs, in whole seconds', () => {
    expect(tokens.readSigned(token, NOW)).toEqual({
      iss: ISSUER,
      aud: ISSUER,
      sub: 'ann',
      sid: 'sid-of-the-session',
      client_id: 'default',
      seq: 3,
      gen: 7,
      sec,
      iat: Math.floor(NOW / 1000),
      exp: record.absoluteEnd / 1000,
    });
  });

  it('comes back from any subject and any numbers as it went in', () => {
    for (const sub of ['*', '{x}', 'a:b', 'a\r\nb', 'a\0b', '__proto__', '"', '\\', 'ж', '👩‍👩‍👧', 'x'.repeat(255)]) {
      for (const seq of [0, 1, 10_000, Number.MAX_SAFE_INTEGER]) {
        expect(tokens.readSigned(tokens.sign({ ...record, sub, seq }, sec, NOW), NOW)).toMatchObject({ sub, seq, sec });
      }
    }
  });

  it('differs for each step, session, subject, secret and generation', () => {
    const others = [
      ...[{ seq: 4 }, { sid: 'other' }, { sub: 'bob' }, { generation: 8 }, { clientId: 'web' }].map((change) =>
        tokens.sign({ ...record, ...change }, sec, NOW),
      ),
      tokens.sign(record, 'other', NOW),
    ];
    expect(new Set([token, ...others]).size).toBe(others.length + 1);
  });
});

describe('refresh tokens: keys', () => {
  const switching = [refreshKey('old', { retire_at: time(30) }), refreshKey('new', { use_from: time(10) })];
  const ring = tokensOf(...switching);

  it('signs with the key of the time of rotation, so that a retry after a switch gets the same bytes', () => {
    const before = ring.sign(record, sec, NOW);
    expect(kidOf(before)).toBe('old');
    expect(ring.sign(record, sec, NOW + 11 * DAY)).toBe(before);
    expect(kidOf(ring.sign({ ...record, rotatedAt: NOW + 10 * DAY }, sec, NOW + 10 * DAY))).toBe('new');
  });

  it('signs with the active key when that of the rotation is gone, because a token nobody can verify is no token', () => {
    const signed = ring.sign(record, sec, NOW + 30 * DAY);
    expect(kidOf(signed)).toBe('new');
    expect(ring.readSigned(signed, NOW + 30 * DAY).seq).toBe(3);
  });

  it('verifies the tokens of an older key until it is retired', () => {
    const signed = ring.sign(record, sec, NOW);
    expect(ring.readSigned(signed, NOW + 30 * DAY - 1).sub).toBe('ann');
    expect(() => ring.readSigned(signed, NOW + 30 * DAY)).toThrow(expect.objectContaining({ code: 'token_invalid' }));
  });

  it('refuses a token of another ring, also under the same kid', () => {
    expect(verdict(tokensOf(refreshKey('r')).sign(record, sec, NOW))).toBe('token_invalid');
    expect(verdict(tokensOf(refreshKey('other')).sign(record, sec, NOW))).toBe('token_invalid');
  });
});

describe('refresh tokens: refusing', () => {
  it('refuses a token in which any single character was changed', () => {
    for (let index = 0; index < token.length; index++) {
      const changed = token[index] === 'A' ? 'B' : 'A';
      expect(verdict(token.slice(0, index) + changed + token.slice(index + 1))).toBe('token_invalid');
    }
  });

  it('refuses parts of two good tokens put together', () => {
    const other = tokens.sign({ ...record, seq: 4 }, sec, NOW);
    for (const index of [1, 2]) {
      expect(verdict(withPart(token, index, () => other.split('.')[index]!))).toBe('token_invalid');
    }
  });

  it('refuses a MAC that is cut short or too long, and every other spelling of a good one', () => {
    const mac = Buffer.from(token.split('.')[2]!, 'base64url');
    const spelled = [mac.subarray(0, 16), mac.subarray(0, 31), Buffer.concat([mac, Buffer.alloc(1)])].map((bytes) =>
      bytes.toString('base64url'),
    );
    for (const spelling of [...spelled, ...otherSpellings(token.split('.')[2]!)]) {
      expect(verdict(withPart(token, 2, () => spelling))).toBe('token_invalid');
    }
  });

  it('refuses a well-signed payload that we never make', () => {
    const header = { alg: 'HS256', typ: 'rt+jwt', kid: 'r' };
    const claims = tokens.readSigned(token, NOW);
    const signer = byHmac(secretOf(key));
    expect(verdict(forge(header, claims, signer))).toBe('accepted');
    for (const payload of ['[]', 'null', '7', '"text"', { ...claims, seq: -2 }, { ...claims, sec: '' }]) {
      expect(verdict(forge(header, payload, signer))).toBe('token_invalid');
    }
  });

  it.each([
    { typ: 'at+jwt' },
    { typ: 'JWT' },
    { typ: undefined },
    { alg: 'none' },
    { alg: 'ES256' },
    { alg: 'HS512' },
    { kid: 'a' },
    { crit: ['exp'] },
  ])('refuses a header with %j, well signed as it may be', (change) => {
    const header = { alg: 'HS256', typ: 'rt+jwt', kid: 'r', ...change };
    expect(verdict(forge(header, tokens.readSigned(token, NOW), byHmac(secretOf(key))))).toBe('token_invalid');
  });

  it('refuses the key of access tokens, though it may be of the same type', () => {
    const shared = refreshKey('h', { purpose: 'access' });
    const ring = new RefreshTokens(parseKeyRing({ keys: [shared, key] }, 'HS256'), ISSUER);
    const header = { alg: 'HS256', typ: 'rt+jwt', kid: 'h' };
    expect(verdict(forge(header, tokens.readSigned(token, NOW), byHmac(secretOf(shared))), ring)).toBe('token_invalid');
  });

  it('refuses 10,000 texts of garbage with the code of garbage, and never with another error', () => {
    const random = seeded(20260301);
    const [header, payload, mac] = token.split('.') as [string, string, string];
    const letters = 'ABCDwxyz019-_.=+/ \n{}"é\0\ud800';
    const garbage = () => Array.from({ length: random(80) }, () => letters[random(letters.length)]).join('');
    const bytes = () => Buffer.from(Array.from({ length: random(60) }, () => random(256))).toString('base64url');
    const shapes: readonly (() => string)[] = [
      garbage,
      () => `${garbage()}.${garbage()}.${garbage()}`,
      () => `${bytes()}.${bytes()}.${bytes()}`,
      () => `${header}.${bytes()}.${mac}`,
      () => `${header}.${payload}.${bytes()}`,
      () => `${part(garbage())}.${payload}.${mac}`,
      () => token.slice(0, random(token.length)),
      () => token.slice(1 + random(token.length)),
    ];
    for (let round = 0; round < 10_000; round++) {
      const text = shapes[round % shapes.length]!();
      expect([text, verdict(text)]).toEqual([text, 'token_invalid']);
    }
  });
});

describe('refresh tokens: what the record keeps of secrets', () => {
  it('is a hash of fixed size, from which nobody makes a token', () => {
    expect(hashSecret(sec)).toMatch(/^[\w-]{22}$/);
    expect(hashAttempt('any key')).toMatch(/^[\w-]{11}$/);
    expect(hashSecret(sec)).not.toContain(sec.slice(0, 6));
    expect(hashSecret(sec)).not.toBe(hashSecret(`${sec}x`));
  });
});
