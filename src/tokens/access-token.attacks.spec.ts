import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { AuthClock } from '../auth.clock.js';
import { authenticate, content, NOW, tokenService, verdictOf } from '../../test/support/access-tokens.js';
import { readToken } from '../../test/support/adapters.js';
import { ISSUER } from '../../test/support/auth-library.js';
import { byEs256, byHmac, forge, withPart, type Signer } from '../../test/support/forged-tokens.js';
import { AccessTokenVerifier } from './access-token.verifier.js';
import { generateKeys, type PrivateKeySet } from './generate-keys.js';
import { JwtStrategy } from '../guards/jwt.strategy.js';
import { parsePublicJwks } from './public-keys.js';
import { RefreshTokens } from './refresh-token.js';

const keys = generateKeys();
const { service, ring, clock } = tokenService(keys);
const strategy = new JwtStrategy(service);
const published = new JwtStrategy(
  new AccessTokenVerifier(
    { issuer: ISSUER, audience: ['shop'], clockTolerance: 0 },
    parsePublicJwks(ring.publicJwks(clock.now)).keys,
    new JwtService({}),
    new AuthClock(() => clock.now),
  ),
);
const good = service.issue(content);
const [accessJwk, refreshJwk] = keys.keys as [PrivateKeySet['keys'][0], PrivateKeySet['keys'][0]];
const accessKey = createPrivateKey({ key: accessJwk, format: 'jwk' });

afterAll(() => [strategy, published].forEach((each) => each.onApplicationShutdown()));

// Three ways lead to a claim: the service of the logout and of hosts, the guard's by Passport, and that of an app that
// has the published keys alone.
describe.each<[string, (token: string) => unknown]>([
  ['AccessTokenService', (token) => service.verify(token)],
  ['JwtStrategy', (token) => authenticate(strategy, token)],
  ['JwtStrategy with published keys', (token) => authenticate(published, token)],
])('verifying by %s', (_name, verify) => {
  const header = { alg: 'ES256', typ: 'at+jwt', kid: accessJwk.kid };
  const payload = readToken(good);
  const signed = (changes: object, signer: Signer = byEs256(accessKey)) =>
    forge({ ...header, ...changes }, payload, signer);
  const refused = async (...tokens: string[]) => {
    for (const token of tokens) expect([token, await verdictOf(() => verify(token))]).toEqual([token, 'token_invalid']);
  };

  it('takes a good token, and one forged with the right key, or the refusals below would prove nothing', async () => {
    expect(await verdictOf(() => verify(good))).toBe('accepted');
    expect(await verdictOf(() => verify(signed({})))).toBe('accepted');
  });

  it('hands out frozen claims, because one object is shared by many requests', async () => {
    const claims = (await verify(good)) as { roles: string[]; nested: { list: number[] } };
    for (const object of [claims, claims.roles, claims.nested, claims.nested.list])
      expect(Object.isFrozen(object)).toBe(true);
  });

  it.each(['none', 'NONE', 'nOnE', 'None', '', 'ES256 ', 'es256', 'ES384', 'HS256', 'RS256', 'EdDSA'])(
    'refuses alg "%s", with and without a signature',
    async (alg) => {
      await refused(
        signed({ alg }),
        forge({ ...header, alg }, payload, () => ''),
        forge({ ...header, alg }, payload),
      );
    },
  );

  it('refuses the public key used as an HMAC secret, in all its spellings: RFC 8725 section 2.1', async () => {
    const publicKey = createPublicKey(accessKey);
    const secrets = [
      publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      publicKey.export({ type: 'spki', format: 'pem' }).toString().trim(),
      publicKey.export({ type: 'spki', format: 'der' }).toString('latin1'),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
      '',
    ];
    await refused(...secrets.map((secret) => signed({ alg: 'HS256' }, byHmac(secret))));
  });

  it('refuses the key of refresh tokens, and a refresh token itself', async () => {
    const secret = createSecretKey(Buffer.from(refreshJwk.k!, 'base64url'));
    const record = {
      sub: 'ann',
      sid: 'the-session',
      clientId: 'default',
      seq: 0,
      generation: 7,
      rotatedAt: NOW * 1000,
      absoluteEnd: (NOW + 99) * 1000,
    };
    const refreshTokens = new RefreshTokens(ring, ISSUER);
    await refused(
      signed({ alg: 'HS256', kid: refreshJwk.kid }, byHmac(secret)),
      refreshTokens.sign(record, 'secret', NOW * 1000),
    );
    expect(() => refreshTokens.readSigned(good, NOW * 1000)).toThrow(
      expect.objectContaining({ code: 'token_invalid' }),
    );
  });

  it('takes no key from the token: jwk, jku, x5u and x5c are members like any other', async () => {
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...foreign.publicKey.export({ format: 'jwk' }), kid: accessJwk.kid };
    const certificate = foreign.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const offers = [
      { jwk },
      { jku: 'http://127.0.0.1:9/jwks.json' },
      { x5u: 'file:///etc/passwd' },
      { x5c: [certificate] },
    ];
    await refused(...offers.map((offer) => signed(offer, byEs256(foreign.privateKey))));
    for (const offer of offers) expect(await verdictOf(() => verify(signed(offer)))).toBe('accepted');
  });

  it.each([
    '../../../dev/null',
    '/etc/passwd',
    "' OR 1=1 --",
    '__proto__',
    'constructor',
    'toString',
    '',
    ' ',
    'a\0',
    '*',
    'http://127.0.0.1:9/',
  ])('refuses kid %j: it is looked up, and never a path, a query or a member of an object', async (kid) => {
    await refused(signed({ kid }), signed({ kid, alg: 'HS256' }, byHmac('')));
  });

  it('refuses a token with a changed payload, and one of another issuer with the same kid', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    await refused(
      withPart(good, 1, () => Buffer.from(JSON.stringify({ ...payload, sub: 'eve' })).toString('base64url')),
      signed({}, byEs256(other)),
      withPart(good, 2, () => Buffer.alloc(64).toString('base64url')),
      withPart(good, 2, () => Buffer.alloc(1).toString('base64url')),
    );
  });

  it('refuses a signed payload that is no object, or nested so deeply that a careless walk overflows the stack', async () => {
    const bodies = ['[]', 'null', '7', '"text"', 'true'];
    await refused(...bodies.map((body) => forge(header, body, byEs256(accessKey))));
    const deep = `${JSON.stringify(payload).slice(0, -1)},"x":${'['.repeat(2_700)}${']'.repeat(2_700)}}`;
    expect(['accepted', 'token_invalid']).toContain(
      await verdictOf(() => verify(forge(header, deep, byEs256(accessKey)))),
    );
  });

  it('refuses crit and b64, which it does not understand: RFC 7515 section 4.1.11', async () => {
    await refused(signed({ crit: ['b64'], b64: true }), signed({ b64: false }), signed({ crit: ['exp'] }));
  });

  it('refuses a 10 MB token as fast as it can be looked at', async () => {
    const huge = `${good}${'A'.repeat(10_000_000)}`;
    // CPU time: whatever else the machine does takes none of it.
    const before = process.cpuUsage();
    expect(await verdictOf(() => verify(huge))).toBe('token_invalid');
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(100);
  });
});
