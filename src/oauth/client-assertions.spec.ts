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

it('an assertion is good once, also for an instance whose clock is behind by the tolerance', async () => {
  let storeTime = NOW;
  const used = new InMemoryOneTimeValues(() => storeTime);
  const jwt = new JwtService();
  const assertions = new ClientAssertions(ISSUER, jwt, used, TOLERANCE);
  const claims = { iss: 'robot', sub: 'robot', aud: ISSUER, jti: 'once', exp: NOW / 1000 + 60 };
  const assertion = jwt.sign(claims, {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    algorithm: 'ES256',
    keyid: 'one',
  });
  await assertions.verify(assertion, ROBOT, NOW);
  storeTime += 60_000;
  const again = assertions.verify(assertion, ROBOT, storeTime - TOLERANCE);
  await expect(again).rejects.toThrow('was used before');
});
