import type { AuthPolicy } from '../options/options.js';
import { isConfidential, type OAuthClient } from './oauth-client.js';

/** Where the endpoints of an issuer answer, as absolute URLs. */
export interface OAuthEndpoints {
  readonly jwks: string;
  readonly token: string;
  readonly revocation: string;
  readonly introspection: string;
}

/**
 * The public URL of a path. The issuer's own path stands in front of it, unless the application is mounted there anyway:
 * a proxy that strips the issuer's path sends the shorter one.
 */
export function publicUrl(issuer: string, path: string): string {
  const { origin, pathname } = new URL(issuer);
  const base = pathname.replace(/\/+$/, '');
  const below = path === base || path.startsWith(`${base}/`);
  return origin + (below ? path : base + path);
}

/** Where a client looks for the metadata: RFC 8414 section 3.1 inserts the issuer's path, OpenID Connect appends to it. */
export function metadataPaths(issuer: string): readonly string[] {
  const base = new URL(issuer).pathname.replace(/\/+$/, '');
  const paths = [
    `/.well-known/oauth-authorization-server${base}`,
    `${base}/.well-known/openid-configuration`,
    // Behind a proxy that strips the issuer's path.
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
  ];
  return [...new Set(paths)];
}

/**
 * The metadata of RFC 8414 section 2. It names what exists in the chosen strategy, and nothing else.
 * @param clients the clients that are configured; clients of `loadClient` are not known beforehand
 */
export function oauthMetadata(
  policy: Pick<AuthPolicy, 'issuer' | 'keepsSessions'>,
  endpoints: OAuthEndpoints,
  clients: readonly OAuthClient[],
  loadsClients: boolean,
): Readonly<Record<string, unknown>> {
  const usable = clients.filter(({ transport }) => transport === 'body');
  const confidential = loadsClients || usable.some(isConfidential);
  const authMethods = [
    ...(usable.some((client) => !isConfidential(client)) ? ['none'] : []),
    ...(confidential ? CREDENTIAL_METHODS : []),
  ];
  const grants = [...(policy.keepsSessions ? ['refresh_token'] : []), ...(confidential ? ['client_credentials'] : [])];
  const scopes = [...new Set(usable.flatMap((client) => client.scopes))].sort();
  return {
    issuer: policy.issuer,
    jwks_uri: endpoints.jwks,
    ...(grants.length > 0 && {
      token_endpoint: endpoints.token,
      token_endpoint_auth_methods_supported: authMethods,
      ...signingAlgorithms('token_endpoint', confidential),
    }),
    grant_types_supported: grants,
    response_types_supported: [],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    revocation_endpoint: endpoints.revocation,
    revocation_endpoint_auth_methods_supported: authMethods,
    ...signingAlgorithms('revocation_endpoint', confidential),
    ...(confidential && {
      introspection_endpoint: endpoints.introspection,
      introspection_endpoint_auth_methods_supported: CREDENTIAL_METHODS,
      ...signingAlgorithms('introspection_endpoint', true),
    }),
  };
}

const CREDENTIAL_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];

/** RFC 8414 section 2: required where `private_key_jwt` is among the methods. */
const signingAlgorithms = (endpoint: string, confidential: boolean): Record<string, readonly string[]> =>
  confidential ? { [`${endpoint}_auth_signing_alg_values_supported`]: ['ES256', 'RS256', 'PS256'] } : {};
