import assert from 'node:assert/strict';
import { createVerifier } from 'fast-jwt';
import buildGetJwks from 'get-jwks';

const { issuer, sessions } = JSON.parse(process.env.INPUT);
const jwks = buildGetJwks({ issuersWhitelist: [issuer], providerDiscovery: true });
const verify = createVerifier({
  key: ({ header }) => jwks.getPublicKey({ kid: header.kid, alg: header.alg, domain: issuer }),
  allowedIss: issuer,
  allowedAud: issuer,
});
assert.equal((await verify(sessions[0].access_token)).sid, sessions[0].session_id);
await assert.rejects(verify(sessions[0].refresh_token));
