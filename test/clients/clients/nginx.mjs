import assert from 'node:assert/strict';
import { createSession } from '../../../dist/esm/client/index.js';

// The application behind nginx' auth_request, by the configuration of docs/oauth.md.
const { account, issuer, machine, page, sessions } = JSON.parse(process.env.INPUT);
const orders = (headers = {}, init = {}) => fetch(`${issuer}/orders/7`, { ...init, headers });
const bearer = { authorization: `Bearer ${sessions[0].access_token}` };

const refused = await orders();
assert.equal(refused.status, 401);
// Once: a client that reads the header as a list would see two challenges.
assert.match(refused.headers.get('www-authenticate'), /^Bearer realm="[^"]*"$/);
assert.equal((await orders({ authorization: `Bearer ${sessions[0].refresh_token}` })).status, 401);

const good = await orders(bearer);
assert.equal(good.status, 200);
const told = await good.json();
assert.equal(told.session, sessions[0].session_id);
assert.equal(told.client, 'app');

// Nobody can say for himself who he is, in any spelling, on any path.
const forged = {
  'x-auth-subject': 'admin',
  x_auth_subject: 'admin',
  'X-Auth-Scope': 'everything',
  'X-Auth-Session': 's',
};
assert.equal((await orders(forged)).status, 401);
const both = await (await orders({ ...bearer, ...forged })).json();
assert.equal(both.subject, told.subject);
assert.equal(both.scope, told.scope);
const reports = (headers) => fetch(`${issuer}/reports/1?scope=`, { headers });
const machineReport = await (await reports({ authorization: `Bearer ${machine}`, ...forged })).json();
assert.match(machineReport.session, /^[\w-]{22}$/);
assert.deepEqual(
  { ...machineReport, session: undefined },
  { subject: 'rs', session: undefined, client: 'rs', scope: 'reports:read' },
);

// A path may demand a scope, by its configuration; a query of the caller changes nothing.
const forbidden = await reports(bearer);
assert.equal(forbidden.status, 403);
assert.match(
  forbidden.headers.get('www-authenticate'),
  /^Bearer realm="[^"]*", error="insufficient_scope", scope="reports:read"$/,
);

// A page of somebody else cannot act by the browser's cookies, whatever it says that the method is.
const foreign = { cookie: page, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
for (const named of [{}, { 'x-forwarded-method': 'GET' }, { 'x-original-method': 'GET' }]) {
  assert.equal((await orders({ ...foreign, ...named }, { method: 'POST' })).status, 403);
}
assert.equal((await orders({ cookie: page }, { method: 'GET' })).status, 200);

// nginx answers with a page of its own, which has no code of ours: the client learns from the challenge that its session
// was ended elsewhere. A token that is younger than half a minute it does not doubt.
let now = Date.now();
const session = createSession({ url: `${issuer}/auth`, clientId: 'app', now: () => now });
let ended;
session.on('ended', (end) => (ended = end));
await session.login(account);
assert.equal((await session.fetch('/orders/7')).status, 200);
const { sid } = await (await session.fetch('/auth/me')).json();
const gone = await fetch(`${issuer}/auth/sessions/${sid}`, { method: 'DELETE', headers: bearer });
assert.equal(gone.status, 204);
now += 60_000;
assert.equal((await session.fetch('/orders/7')).status, 401);
assert.equal(session.state, 'out');
assert.equal(ended?.code, 'session_revoked');
