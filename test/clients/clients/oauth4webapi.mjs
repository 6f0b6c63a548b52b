import assert from 'node:assert/strict';
import * as oauth from 'oauth4webapi';

const { issuer, sessions, secrets } = JSON.parse(process.env.INPUT);
const url = new URL(issuer);
const app = { client_id: 'app' };
const rs = { client_id: 'rs' };

const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm: 'oauth2' }));
const oidc = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm: 'oidc' }));
assert.deepEqual(as, oidc);
assert.deepEqual(as.grant_types_supported.toSorted(), ['client_credentials', 'refresh_token']);

// A refresh, and what its access token says to a resource server.
const refresh = async (client, token, auth = oauth.None()) =>
  oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, auth, token));
const [session, other] = sessions;
const first = await refresh(app, session.refresh_token);
const request = new Request(`${issuer}/orders`, { headers: { authorization: `Bearer ${first.access_token}` } });
const claims = await oauth.validateJwtAccessToken(as, request, issuer);
assert.equal(claims.client_id, 'app');
assert.equal(claims.sid, session.session_id);

// Machine tokens, introspection.
const secret = oauth.ClientSecretBasic(secrets.rs);
const machine = await oauth.processClientCredentialsResponse(
  as,
  rs,
  await oauth.clientCredentialsGrantRequest(as, rs, secret, new URLSearchParams({ scope: 'orders:read' })),
);
assert.equal(machine.scope, 'orders:read');
const introspect = async (token) =>
  oauth.processIntrospectionResponse(as, rs, await oauth.introspectionRequest(as, rs, secret, token));
assert.equal((await introspect(first.access_token)).active, true);
assert.equal((await introspect(machine.access_token)).sub, 'rs');
assert.deepEqual(await introspect('nonsense'), { active: false });

// A revocation ends the session; a client sees invalid_grant, and introspection says no more than inactive.
await oauth.processRevocationResponse(await oauth.revocationRequest(as, app, oauth.None(), first.refresh_token));
assert.deepEqual(await introspect(first.access_token), { active: false });
const isInvalidGrant = (error) => error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant';
await assert.rejects(refresh(app, first.refresh_token), isInvalidGrant);

// The other session goes on; another client cannot take it.
await assert.rejects(refresh(rs, other.refresh_token, secret), isInvalidGrant);
await refresh(app, other.refresh_token);
