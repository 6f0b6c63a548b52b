import assert from 'node:assert/strict';
import { importJWK } from 'jose';
import * as client from 'openid-client';

const { issuer, secrets, robotKey } = JSON.parse(process.env.INPUT);
const key = await importJWK(robotKey, 'ES256');

const ways = {
  client_secret_basic: ['rs', client.ClientSecretBasic(secrets.rs)],
  client_secret_post: ['rs', client.ClientSecretPost(secrets.second)],
  private_key_jwt: ['robot', client.PrivateKeyJwt({ key, kid: robotKey.kid })],
};
for (const [way, [id, authentication]] of Object.entries(ways)) {
  const config = await client.discovery(new URL(issuer), id, undefined, authentication);
  assert.ok(config.serverMetadata().token_endpoint_auth_methods_supported.includes(way), way);
  const grant = await client.clientCredentialsGrant(config, { scope: 'orders:read' });
  assert.equal(grant.scope, 'orders:read', way);
  const { active, client_id } = await client.tokenIntrospection(config, grant.access_token);
  assert.deepEqual({ active, client_id }, { active: true, client_id: id }, way);
}
const wrong = await client.discovery(new URL(issuer), 'rs', undefined, client.ClientSecretBasic('wrong'));
await assert.rejects(
  client.clientCredentialsGrant(wrong),
  ({ cause, error }) => error === 'invalid_client' || cause !== undefined,
);
