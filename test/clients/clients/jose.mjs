import assert from 'node:assert/strict';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { issuer, sessions } = JSON.parse(process.env.INPUT);
const { jwks_uri } = await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json();
const keys = createRemoteJWKSet(new URL(jwks_uri));
const options = { issuer, audience: issuer, typ: 'at+jwt' };
const { payload } = await jwtVerify(sessions[0].access_token, keys, options);
assert.equal(payload.sid, sessions[0].session_id);
await assert.rejects(jwtVerify(sessions[0].refresh_token, keys, options));
