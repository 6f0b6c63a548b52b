import { within } from '../auth.deadline.js';
import { AuthConfigError, AuthError } from '../auth.errors.js';
import type { LoadClient, LoadedClient } from '../options/auth-options.js';
import { CLIENT_OPTIONS } from '../options/client-options.js';
import type { AuthPolicy } from '../options/options.js';
import { parsePublicJwks, type PublicKeys } from '../tokens/public-keys.js';
import type { OAuthClient } from './oauth-client.js';

const LOAD_TIMEOUT = 5_000;

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
    const loaded = await loadedClient(this.load, clientId);
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

/** @throws AuthError `store_unavailable` where the host cannot tell: a client must not take it for a wrong secret */
async function loadedClient(load: LoadClient, clientId: string): Promise<LoadedClient | null> {
  try {
    const late = (): Error => new Error(`it took longer than ${LOAD_TIMEOUT} ms`);
    return await within(LOAD_TIMEOUT, Promise.resolve(load(clientId)), late);
  } catch (cause) {
    if (cause instanceof AuthError) throw cause;
    const fault = `loadClient failed: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new AuthError('store_unavailable', 'Clients cannot be looked up right now. Try again.', {
      cause,
      fault,
      retryAfter: 1,
    });
  }
}

function keysOf(jwks: unknown, option: string): PublicKeys | undefined {
  if (jwks === undefined) return undefined;
  try {
    return parsePublicJwks(jwks).keys;
  } catch (error) {
    throw AuthConfigError.of(option, error instanceof Error ? error.message : 'is no public JWKS');
  }
}
