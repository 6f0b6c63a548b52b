import { AuthError } from '../auth.errors.js';

/** What a caller without a token is told. */
export const missingToken = (): AuthError =>
  new AuthError('token_missing', 'Send an access token: Authorization: Bearer …');

/** Passport passes on what its strategy failed with; what is not ours comes from jsonwebtoken, about the signature. */
export function refusal(error: unknown, info: unknown): unknown {
  const reason = error ?? info;
  if (reason instanceof AuthError || error) return reason;
  return new AuthError('token_invalid', 'The token has a wrong signature.', { cause: reason });
}
