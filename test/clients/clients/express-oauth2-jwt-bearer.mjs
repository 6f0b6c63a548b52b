import assert from 'node:assert/strict';
import { once } from 'node:events';
import express from 'express';
import { auth } from 'express-oauth2-jwt-bearer';

const { issuer, sessions } = JSON.parse(process.env.INPUT);
const app = express();
app.use(auth({ issuerBaseURL: issuer, audience: issuer, tokenSigningAlg: 'ES256', strict: true }));
app.get('/', (request, response) => response.json({ sub: request.auth.payload.sub }));
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const ask = (token) =>
  fetch(`http://127.0.0.1:${server.address().port}/`, { headers: token && { authorization: `Bearer ${token}` } });
const good = await ask(sessions[0].access_token);
assert.equal(good.status, 200, await good.clone().text());
assert.equal((await ask(sessions[0].refresh_token)).status, 401);
assert.equal((await ask()).status, 401);
server.close();
server.closeAllConnections();
