import assert from 'node:assert/strict';

// The application behind nginx' auth_request, by the configuration of docs/oauth.md.
const { issuer, sessions } = JSON.parse(process.env.INPUT);
const orders = (headers = {}, init = {}) => fetch(`${issuer}/orders/7`, { ...init, headers });
const bearer = { authorization: `Bearer ${sessions[0].access_token}` };

const refused = await orders();
assert.equal(refused.status, 401);
assert.match(refused.headers.get('www-authenticate'), /^Bearer realm=/);
assert.equal((await orders({ authorization: `Bearer ${sessions[0].refresh_token}` })).status, 401);

const good = await orders(bearer);
assert.equal(good.status, 200);
const told = await good.json();
assert.equal(told.session, sessions[0].session_id);
assert.equal(told.client, 'app');

// Nobody can say for himself who he is, in any spelling.
const forged = { 'x-auth-subject': 'admin', x_auth_subject: 'admin', 'X-Auth-Scope': 'everything' };
assert.equal((await orders(forged)).status, 401);
const both = await (await orders({ ...bearer, ...forged })).json();
assert.equal(both.subject, told.subject);
assert.equal(both.scope, told.scope);

// A path may demand a scope, by its configuration; a query of the caller changes nothing.
const reports = await fetch(`${issuer}/reports/1?scope=`, { headers: bearer });
assert.equal(reports.status, 403);
