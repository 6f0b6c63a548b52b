import { OAuthError } from './oauth.errors.js';
import type { OAuthForm } from './oauth-form.js';

/** RFC 7523 section 2.2. */
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How a client says who it is, before anybody has looked whether that is true. */
export type PresentedClient =
  | { readonly method: 'none'; readonly clientId: string }
  | {
      readonly method: 'client_secret_basic' | 'client_secret_post';
      readonly clientId: string;
      readonly secret: string;
    }
  | { readonly method: 'private_key_jwt'; readonly clientId: string; readonly assertion: string };

/**
 * Reads the one way of client authentication that a request uses (RFC 6749 section 2.3). Two ways at once are refused.
 *
 * @param authorization the header of the request
 * @throws OAuthError `invalid_request`, or `invalid_client` where nobody is named or the header cannot be read
 */
export function presentedClient(authorization: string | undefined, form: OAuthForm): PresentedClient {
  const [basic, secret] = [readBasic(authorization), form.get('client_secret')];
  const [assertion, assertionType] = [form.get('client_assertion'), form.get('client_assertion_type')];
  const ways = [basic, secret, assertion ?? assertionType].filter((way) => way !== undefined);
  if (ways.length > 1) throw new OAuthError('invalid_request', 'Authenticate the client in one way only.');

  const clientId = form.get('client_id');
  if (basic) {
    if (clientId !== undefined && clientId !== basic.clientId) throw differentClients();
    // RFC 6749 section 2.3.1: an empty secret is none. Libraries send it for a public client, which then only says its name.
    return basic.secret ? { method: 'client_secret_basic', ...basic } : { method: 'none', clientId: basic.clientId };
  }
  if (assertion !== undefined || assertionType !== undefined) {
    if (assertion === undefined || assertionType !== JWT_BEARER) {
      throw new OAuthError('invalid_client', `client_assertion_type must be ${JWT_BEARER}, beside a client_assertion.`);
    }
    // RFC 7523 section 3: the assertion names its client itself.
    const named = subjectOf(assertion);
    if (named === undefined) throw new OAuthError('invalid_client', 'The client_assertion names no client.');
    if (clientId !== undefined && clientId !== named) throw differentClients();
    return { method: 'private_key_jwt', clientId: named, assertion };
  }
  if (clientId === undefined) throw new OAuthError('invalid_client', 'The request names no client.');
  return secret === undefined ? { method: 'none', clientId } : { method: 'client_secret_post', clientId, secret };
}

const differentClients = (): OAuthError => new OAuthError('invalid_request', 'The request names two clients.');

/** RFC 7617, with both parts form-encoded as RFC 6749 section 2.3.1 says. */
function readBasic(authorization: string | undefined): { clientId: string; secret: string } | undefined {
  const credentials = /^basic +([\w+/-]+=*)$/i.exec(authorization ?? '')?.[1];
  if (credentials === undefined) {
    if (authorization === undefined || !/^basic\b/i.test(authorization)) return undefined;
    throw new OAuthError('invalid_client', 'The Authorization header is not valid.');
  }
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const [clientId, secret] = [formDecoded(text.slice(0, colon)), formDecoded(text.slice(colon + 1))];
  if (colon < 1 || clientId === undefined || secret === undefined) {
    throw new OAuthError('invalid_client', 'The Authorization header is not valid.');
  }
  return { clientId, secret };
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** Who an assertion says it is from; nothing of it is verified here. */
function subjectOf(assertion: string): string | undefined {
  try {
    const { sub } = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      sub?: unknown;
    };
    return typeof sub === 'string' && sub !== '' ? sub : undefined;
  } catch {
    return undefined;
  }
}
