import { AuthError } from '../auth.errors.js';

/** The body of refresh and logout. */
export interface RefreshTokenBody {
  readonly refresh_token?: string;
}

/**
 * Checks the one field of refresh and logout. By hand, because refresh is the route that every client calls all day,
 * class-validator takes 10 µs for it, and a host need not have class-validator at all.
 * @throws AuthError `invalid_request` with a sentence for each fault
 */
export function refreshTokenBody(body: unknown): RefreshTokenBody {
  const fields = fieldsOf(body);
  const token = fields.refresh_token;
  const faults = Object.keys(fields)
    .filter((name) => name !== 'refresh_token')
    .map((name) => `property ${name.toWellFormed()} should not exist`);
  if (token !== undefined && !(typeof token === 'string' && token.isWellFormed())) {
    faults.push('refresh_token must be a string of well-formed Unicode');
  }
  if (faults.length > 0) {
    throw new AuthError('invalid_request', `The request is not valid: ${faults.join('; ')}.`, { details: faults });
  }
  return { refresh_token: token as string | undefined };
}

/** The fields of a body; no body at all is one without fields. */
function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new AuthError('invalid_request', 'The body must be a JSON object.');
  }
  return body as Readonly<Record<string, unknown>>;
}
