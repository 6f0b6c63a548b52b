import type { IncomingRequest } from '../transport/request-context.js';
import type { ClientPaces } from './client-paces.js';
import type { ClientAssertions } from './client-assertions.js';
import { isConfidential, isSecretOf, type OAuthClient } from './oauth-client.js';
import type { OAuthForm } from './oauth-form.js';
import { OAuthError } from './oauth.errors.js';
import { presentedClient, type PresentedClient } from './presented-client.js';

/** Compared with where there is no such client, so that an unknown name takes as long as a wrong secret. */
const NOBODY = { secretHashes: ['-'.repeat(43)] };

const unknownClient = (): OAuthError =>
  new OAuthError('invalid_client', 'The client is unknown, or its credentials are wrong.');

/** The one place that authenticates clients (RFC 6749 section 2.3), before any work that costs. */
export class ClientAuthentication {
  /** @param find a client by its id; undefined where there is none */
  constructor(
    private readonly find: (clientId: string) => Promise<OAuthClient | undefined>,
    private readonly assertions: ClientAssertions,
    private readonly now: () => number,
    private readonly paces: ClientPaces,
  ) {}

  /**
   * The client that a request comes from. A public client is only named; a confidential one has proved who it is.
   * @throws OAuthError `invalid_client`, `invalid_request`, `unauthorized_client` for a client that uses cookies;
   * AuthError `too_many_attempts`, `store_unavailable`
   */
  async authenticate(request: IncomingRequest, form: OAuthForm): Promise<OAuthClient> {
    const { authorization } = request.headers;
    const presented = presentedClient(typeof authorization === 'string' ? authorization : undefined, form);
    this.paces.admit(presented.clientId, request, this.now());
    const client = await this.find(presented.clientId);
    await this.prove(presented, client);
    if (!client) throw unknownClient();
    if (client.transport === 'cookie') {
      throw new OAuthError('unauthorized_client', 'A client whose tokens travel in cookies cannot use these routes.');
    }
    return client;
  }

  /** The same for a call that only a confidential client may make. */
  async authenticateConfidential(request: IncomingRequest, form: OAuthForm): Promise<OAuthClient> {
    const client = await this.authenticate(request, form);
    if (isConfidential(client)) return client;
    throw new OAuthError('invalid_client', 'This call requires a client with credentials.');
  }

  private async prove(presented: PresentedClient, client: OAuthClient | undefined): Promise<void> {
    switch (presented.method) {
      case 'none':
        if (!client || isConfidential(client)) throw unknownClient();
        return;
      case 'client_secret_basic':
      case 'client_secret_post':
        if (!isSecretOf(client ?? NOBODY, presented.secret)) throw unknownClient();
        return;
      case 'private_key_jwt':
        if (!client?.keys) throw unknownClient();
        return this.assertions.verify(presented.assertion, client, this.now());
    }
  }
}
