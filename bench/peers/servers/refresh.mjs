import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { config, tellReady } from '../../servers/asked.mjs';
import { openBetterAuth } from './better-auth.mjs';
import { oidcAdapter } from './oidc-adapter.mjs';
import { load } from './peer.mjs';

const DAY = 24 * 3600;

/**
 * oidc-provider, which rotates refresh tokens and signs its access tokens with ES256: `rotateRefreshToken` and
 * `features.resourceIndicators` of https://github.com/panva/node-oidc-provider/blob/main/docs/README.md. A public client, so
 * that no client secret is checked; a keystore of its own; sessions in Redis by an adapter as the docs describe it.
 */
async function oidc({ redis: url, sessions }) {
  const [{ Provider }, { Redis }] = await Promise.all(['oidc-provider', 'ioredis'].map(load));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const resource = 'https://api.example';
  const provider = new Provider('http://127.0.0.1', {
    adapter: oidcAdapter(new Redis(url)),
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['https://app.example/cb'],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
    cookies: { keys: ['the-secret-of-a-benchmark'] },
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    rotateRefreshToken: true,
    ttl: { AccessToken: 1800, RefreshToken: 14 * DAY, Grant: 90 * DAY },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'read',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 1800,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
  const client = await provider.Client.find('app');
  const tokens = [];
  for (let index = 0; index < sessions; index++) {
    const accountId = randomUUID();
    const grant = new provider.Grant({ accountId, clientId: 'app' });
    grant.addOIDCScope('offline_access');
    grant.addResourceScope(resource, 'read');
    const grantId = await grant.save();
    const token = { accountId, client, grantId, gty: 'authorization_code', scope: 'offline_access read', resource };
    tokens.push(await new provider.RefreshToken(token).save());
  }
  return { handler: provider.callback(), tokens };
}

/** Its handler, as https://better-auth.com/docs/integrations/express has it: without a framework, which is faster. */
async function betterAuth({ redis, sessions }) {
  const { auth, cookies } = await openBetterAuth({ redis, sessions, refreshes: true });
  const { toNodeHandler } = await load('better-auth/node');
  return { handler: toNodeHandler(auth), cookies };
}

const { handler, ...more } = await { oidc, betterAuth }[config.peer](config);
const server = createServer(handler).listen(0, '127.0.0.1', () => {
  tellReady({ port: server.address().port, ...more });
});
