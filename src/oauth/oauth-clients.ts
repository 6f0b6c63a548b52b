import { AuthConfigError, AuthError, type AuthErrorDetails } from '../auth.errors.js';
import { askHost } from '../auth.host-call.js';
import type { LoadClient } from '../options/auth-options.js';
import { CLIENT_OPTIONS } from '../options/client-options.js';
import type { AuthPolicy } from '../options/options.js';
import { parsePublicJwks, type PublicKeys } from '../tokens/public-keys.js';
import type { OAuthClient } from './oauth-client.js';

/** The clients of the configuration, then those that the host loads. */
export class OAuthClients {
  readonly configured: readonly OAuthClient[];
  private readonly byId: ReadonlyMap<string, OAuthClient>;
  private readonly audience: readonly string[];
  private readonly load?: LoadClient;

  /** @throws AuthConfigError for a `jwks` that holds no key for signatures */
  constructor(policy: AuthPolicy) {
    this.audience = policy.audience;
    this.load = policy.loadClient;
    this.configured = [...policy.clients].map(([id, { transport, secretHashes, jwks, scope, audience }]) => ({
      id,
      transport,
      secretHashes,
      keys: keysOf(jwks, `clients.${id}.jwks`),
      scopes: scope?.split(' ') ?? [],
      audience: audience.length > 0 ? audience : policy.audience,
    }));
    this.byId = new Map(this.configured.map((client) => [client.id, client]));
  }

  /** Whether clients can be found that are not configured. */
  get loadsMore(): boolean {
    return this.load !== undefined;
  }

  isConfigured(clientId: string): boolean {
    return this.byId.has(clientId);
  }

  /** @returns undefined where there is no such client */
  async find(clientId: string): Promise<OAuthClient | undefined> {
    const configured = this.byId.get(clientId);
    if (configured || !this.load) return configured;
    const load = this.load;
    const loaded = await askHost('loadClient', () => load(clientId), lookUpLater);
    if (!loaded) return undefined;
    // A row of a database has an empty text or list, or null, where there is none.
    const scope = CLIENT_OPTIONS.scope.check(loaded.scope || undefined, 'loadClient scope');
    const audience = CLIENT_OPTIONS.audience.check(loaded.audience ?? undefined, 'loadClient audience') ?? [];
    return {
      id: clientId,
      transport: 'body',
      secretHashes:
        CLIENT_OPTIONS.secretHashes.check(loaded.secretHashes ?? undefined, 'loadClient secretHashes') ?? [],
      keys: keysOf(loaded.jwks ?? undefined, 'loadClient jwks'),
      scopes: scope?.split(' ') ?? [],
      audience: audience.length > 0 ? audience : this.audience,
    };
  }
}

/** A client must not take a host that cannot tell for a wrong secret. */
const lookUpLater = (why: AuthErrorDetails): AuthError =>
  new AuthError('store_unavailable', 'Clients cannot be looked up right now. Try again.', why);

function keysOf(jwks: unknown, option: string): PublicKeys | undefined {
  if (jwks === undefined) return undefined;
  try {
    return parsePublicJwks(jwks).keys;
  } catch (error) {
    throw AuthConfigError.of(option, error instanceof Error ? error.message : 'is no public JWKS');
  }
}
