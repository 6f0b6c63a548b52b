import assert from 'node:assert/strict';
import { JwtVerifier } from 'aws-jwt-verify';

const { issuer, sessions } = JSON.parse(process.env.INPUT);
const verifier = JwtVerifier.create({ issuer, audience: issuer, jwksUri: `${issuer}/.well-known/jwks.json` });
const payload = await verifier.verify(sessions[0].access_token);
assert.equal(payload.sid, sessions[0].session_id);
await assert.rejects(verifier.verify(sessions[0].refresh_token));
