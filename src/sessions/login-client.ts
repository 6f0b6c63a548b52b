import { AuthError } from '../auth.errors.js';
import { isConfidentialClient, type AuthPolicy, type ClientPolicy } from '../options/options.js';

/**
 * The kind of client that a login names.
 * @throws AuthError `invalid_request` for one that is unknown, or that has credentials and so opens no sessions of people
 */
export function loginClient({ clients }: Pick<AuthPolicy, 'clients'>, clientId: string): ClientPolicy {
  const client = clients.get(clientId);
  if (!client) {
    throw new AuthError('invalid_request', `client_id is unknown; known are ${[...clients.keys()].join(', ')}.`);
  }
  if (isConfidentialClient(client)) {
    throw new AuthError('invalid_request', 'client_id names a client with credentials, which opens no sessions.');
  }
  return client;
}
