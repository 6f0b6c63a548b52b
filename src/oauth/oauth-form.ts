import { SCOPE_LIST } from '../options/scope-form.js';
import { OAuthError } from './oauth.errors.js';

/** The parameters of a request, each once and not empty. */
export type OAuthForm = ReadonlyMap<string, string>;

const FORM = /^application\/x-www-form-urlencoded *(?:;|$)/i;

/**
 * The parameters of a form, as the host's parser read them. A parameter without a value counts as left out, and one that
 * comes twice is refused (RFC 6749 section 3.2).
 *
 * @param contentType the header of the request
 * @param body what the platform's parser made of it: names with texts, or lists where a name came twice
 * @throws OAuthError `invalid_request`
 */
export function readForm(contentType: unknown, body: unknown): OAuthForm {
  if (typeof contentType !== 'string' || !FORM.test(contentType)) {
    throw new OAuthError('invalid_request', 'Send the parameters as application/x-www-form-urlencoded.');
  }
  const form = new Map<string, string>();
  for (const [name, value] of Object.entries(body ?? {})) {
    if (typeof value !== 'string') throw new OAuthError('invalid_request', 'A parameter must not come more than once.');
    if (!name.isWellFormed() || !value.isWellFormed()) {
      throw new OAuthError('invalid_request', 'The parameters are not well-formed text.');
    }
    if (value !== '') form.set(name, value);
  }
  return form;
}

/** @throws OAuthError `invalid_request` that names the parameter */
export function required(form: OAuthForm, name: string): string {
  const value = form.get(name);
  if (value === undefined) throw new OAuthError('invalid_request', `The parameter ${name} is missing.`);
  return value;
}

/**
 * The scopes that are asked for; undefined where the client asks for none in particular.
 * @throws OAuthError `invalid_scope` for a text that is no list of scopes
 */
export function requestedScopes(form: OAuthForm): readonly string[] | undefined {
  const scope = form.get('scope');
  if (scope === undefined) return undefined;
  if (!SCOPE_LIST.test(scope)) throw new OAuthError('invalid_scope', 'The parameter scope is not a list of scopes.');
  return [...new Set(scope.split(' '))];
}
