import { createSecretKey } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { authenticate, content, NOW, tokenService, verdictOf } from '../../test/support/access-tokens.js';
import { readToken } from '../../test/support/adapters.js';
import { ISSUER } from '../../test/support/auth-library.js';
import { otherSpellings, withPart } from '../../test/support/forged-tokens.js';
import { AuthConfigError, type AuthError } from '../auth.errors.js';
import type { AccessTokenAlgorithm } from '../options/options.js';
import { checkHostClaims } from './host-claims.js';
import { REGISTERED_CLAIMS } from './claims-rules.js';
import { generateKeys } from './generate-keys.js';
import { JwtStrategy } from '../guards/jwt.strategy.js';

const keys = generateKeys();
const { service, clock } = tokenService(keys);
const strategy = new JwtStrategy(service);
const good = service.issue(content);

afterEach(() => {
  clock.now = NOW * 1000;
});
afterAll(() => strategy.onApplicationShutdown());

describe.each<AccessTokenAlgorithm>(['ES256', 'RS256', 'PS256', 'HS256'])(
  'access tokens signed with %s',
  (algorithm) => {
    const keySet = generateKeys(algorithm);
    const issuer = tokenService(keySet, algorithm);
    const token = issuer.service.issue(content);

    it('are RFC 9068 tokens to a verifier that is not ours, with nothing but the published keys', async () => {
      // A secret cannot be published; who shares it verifies by it.
      const published = createLocalJWKSet(issuer.ring.publicJwks(NOW * 1000));
      const secret = createSecretKey(Buffer.from(keySet.keys[0]!.k ?? '', 'base64url'));
      const { payload, protectedHeader } = await jwtVerify(token, algorithm === 'HS256' ? () => secret : published, {
        issuer: ISSUER,
        audience: 'shop',
        typ: 'at+jwt',
        algorithms: [algorithm],
        requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
        currentDate: new Date(NOW * 1000),
      });
      expect(protectedHeader).toEqual({ alg: algorithm, typ: 'at+jwt', kid: keySet.keys[0]!.kid });
      expect(payload).toMatchObject({ sub: 'ann', client_id: 'default', roles: ['buyer'] });
    });

    it('come back with what they were made from', () => {
      expect(issuer.service.verify(token)).toEqual({
        iss: ISSUER,
        aud: 'shop',
        sub: 'ann',
        client_id: 'default',
        sid: 'the-session',
        jti: expect.any(String),
        iat: NOW,
        exp: NOW + 1800,
        auth_time: NOW - 100,
        renew_until: NOW + 7200,
        session_exp: NOW + 86_400,
        amr: ['pwd'],
        gen: 7,
        claims_at: (NOW - 5) * 1000,
        roles: ['buyer'],
        nested: { list: [1] },
      });
    });

    it('are refused in every other spelling of their signature, though libraries take them', async () => {
      const spellings = otherSpellings(token.split('.')[2]!);
      expect(spellings).toHaveLength(algorithm === 'HS256' ? 3 : 15);
      for (const spelling of spellings) {
        expect(await verdictOf(() => issuer.service.verify(withPart(token, 2, () => spelling)))).toBe('token_invalid');
      }
    });
  },
);

describe('issuing', () => {
  it('gives each token a jti of its own', () => {
    expect(readToken(service.issue(content)).jti).not.toBe(readToken(good).jti);
  });

  it('names a list of audiences as a list, and a verifier of one of them takes it', () => {
    const { service: wide } = tokenService(keys, 'ES256', ['shop', 'stock']);
    const token = wide.issue(content);
    expect(readToken(token).aud).toEqual(['shop', 'stock']);
    expect(service.verify(token).sub).toBe('ann');
  });

  it('leaves out amr and renew_until where there is nothing to say', () => {
    expect(readToken(service.issue({ ...content, amr: [], renewUntil: undefined }))).not.toMatchObject({
      amr: expect.anything(),
    });
    expect(readToken(service.issue({ ...content, renewUntil: undefined }))).not.toHaveProperty('renew_until');
  });

  it('reissues with another end and jti, and moves nothing else: not auth_time, not the session, not claims_at', () => {
    const { iat, exp, jti, ...kept } = readToken(good);
    const {
      iat: iat2,
      exp: exp2,
      jti: jti2,
      ...kept2
    } = readToken(service.reissue(service.verify(good), NOW + 900, NOW + 2700));
    expect(kept2).toEqual(kept);
    expect([iat2, exp2]).toEqual([NOW + 900, NOW + 2700]);
    expect([iat, exp]).toEqual([NOW, NOW + 1800]);
    expect(jti2).not.toBe(jti);
  });
});

describe("the host's claims", () => {
  it.each([...REGISTERED_CLAIMS])('can never be named %s', (name) => {
    expect(() => checkHostClaims({ [name]: 'theirs' }, 1024)).toThrow(AuthConfigError);
    expect(() => checkHostClaims({ [name]: 'theirs' }, 1024)).toThrow(`claims: ${name} cannot be set by the host`);
  });

  it('cannot overwrite what a token says of itself, even where nobody has checked them', () => {
    const ours = [
      'iss',
      'aud',
      'sub',
      'client_id',
      'iat',
      'exp',
      'jti',
      'sid',
      'auth_time',
      'amr',
      'gen',
      'claims_at',
      'renew_until',
    ];
    const claims = Object.fromEntries(ours.map((name) => [name, 'theirs']));
    for (const issued of [content, { ...content, amr: [], renewUntil: undefined }]) {
      const payload = readToken(service.issue({ ...issued, claims }));
      expect(ours.filter((name) => payload[name] === 'theirs')).toEqual([]);
    }
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'cannot be named %s, at which signing would fail, when it is too late to fail',
    (name) => {
      const claims = JSON.parse(`{"${name}":{"sub":"eve"}}`) as Record<string, unknown>;
      expect(() => checkHostClaims(claims, 1024)).toThrow(`claims: ${name} cannot be set by the host`);
    },
  );

  it('take as many bytes of JSON as the limit says, and not one more', () => {
    const frame = JSON.stringify({ x: '' }).length;
    const faultOf = (claims: object) => {
      try {
        checkHostClaims(claims as never, 1024);
      } catch (error) {
        return [(error as AuthError).code, (error as AuthError).fault];
      }
      return [];
    };
    expect(faultOf({ x: 'y'.repeat(1024 - frame) })).toEqual([]);
    expect(faultOf({ x: 'y'.repeat(1025 - frame) })).toEqual([
      'claims_too_large',
      expect.stringMatching(/gave claims of 1025 bytes as JSON; claimsLimit allows 1024/),
    ]);
    expect(faultOf({ x: 'ж'.repeat(600) })[1]).toMatch(/claims of 12\d\d bytes/);
  });
});

describe('times', () => {
  it('tell the expired and the early token from the forged', async () => {
    clock.now = (NOW + 1800) * 1000;
    expect(await verdictOf(() => service.verify(good))).toBe('token_expired');
    clock.now = (NOW - 6) * 1000;
    expect(await verdictOf(() => service.verify(good))).toBe('token_not_yet_valid');
    clock.now = (NOW - 5) * 1000;
    expect(await verdictOf(() => service.verify(good))).toBe('accepted');
  });

  it('are left aside for a logout, which is right with an old token too', () => {
    clock.now = (NOW + 99_999) * 1000;
    expect(service.readSigned(good).sid).toBe('the-session');
  });

  it('are checked by the Passport strategy itself, because a host may use it without our guard', async () => {
    expect(await verdictOf(() => authenticate(strategy, good))).toBe('accepted');
    clock.now = (NOW + 1800) * 1000;
    expect(await verdictOf(() => authenticate(strategy, good))).toBe('token_expired');
  });
});

describe('a key that is retired', () => {
  const retiring = { keys: keys.keys.map((key) => ({ ...key, retire_at: new Date((NOW + 60) * 1000).toISOString() })) };
  const { service: signer, clock: time } = tokenService(retiring);

  it('ends its tokens before their time, and their bearers are told to refresh', async () => {
    const token = signer.issue(content);
    time.now = (NOW + 59) * 1000;
    expect(await verdictOf(() => signer.verify(token))).toBe('accepted');
    time.now = (NOW + 60) * 1000;
    expect(await verdictOf(() => signer.verify(token))).toBe('token_expired');
    expect(await verdictOf(() => signer.readSigned(token))).toBe('token_expired');
  });
});
