import { generateKeyPairSync } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { InMemoryOneTimeValues } from '../stores/memory/in-memory-one-time-values.js';
import { parsePublicJwks } from '../tokens/public-keys.js';
import { ClientAssertions } from './client-assertions.js';
import type { OAuthClient } from './oauth-client.js';

const ISSUER = 'https://auth.shop.example';
const TOLERANCE = 5_000;
const NOW = 1_800_000_000_000;
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { keys } = parsePublicJwks({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] });
const ROBOT: OAuthClient = { id: 'robot', transport: 'body', secretHashes: [], keys, scopes: [], audience: [] };

let storeTime: number;
let assertions: ClientAssertions;
const jwt = new JwtService();
beforeEach(() => {
  storeTime = NOW;
  assertions = new ClientAssertions(ISSUER, jwt, new InMemoryOneTimeValues(() => storeTime), TOLERANCE);
});

const sign = (claims: object) =>
  jwt.sign(
    { iss: 'robot', sub: 'robot', aud: ISSUER, jti: 'once', exp: NOW / 1000 + 60, ...claims },
    { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }), algorithm: 'ES256', keyid: 'one' },
  );

describe('an assertion of a client', () => {
  it('is good once, also for an instance whose clock is behind by the tolerance', async () => {
    const assertion = sign({});
    await assertions.verify(assertion, ROBOT, NOW);
    storeTime += 60_000;
    const again = assertions.verify(assertion, ROBOT, storeTime - TOLERANCE);
    await expect(again).rejects.toThrow('was used before');
  });

  it.each([
    { exp: (NOW + 300_000 + TOLERANCE) / 1000 },
    { nbf: (NOW + TOLERANCE) / 1000 },
    { aud: ['https://other.example', ISSUER] },
  ])('is taken with %j', async (claims) => {
    await expect(assertions.verify(sign(claims), ROBOT, NOW)).resolves.toBeUndefined();
  });

  it.each([
    [{ exp: (NOW + 300_001 + TOLERANCE) / 1000 }, 'must expire within 5 minutes'],
    [{ exp: NOW / 1000 }, 'has expired'],
    [{ nbf: (NOW + TOLERANCE + 1) / 1000 }, 'is not valid yet'],
    [{ aud: 'https://other.example' }, 'must name this issuer'],
    [{ iss: 'other' }, 'must name the client'],
    [{ sub: 'other' }, 'must name the client'],
    [{ jti: '' }, 'must have a jti'],
    [{ jti: 'x'.repeat(129) }, 'must have a jti'],
  ])('is refused with %j', async (claims, why) => {
    await expect(assertions.verify(sign(claims), ROBOT, NOW)).rejects.toThrow(why);
  });
});
