import { AuthConfigError, AuthError, type AuthErrorDetails } from '../auth.errors.js';
import { askHost } from '../auth.host-call.js';
import type { LegacyToken, ReadLegacyToken } from '../options/legacy-options.js';
import { checkSubject } from '../sessions/subjects.js';
import { hasOneSpelling, invalidToken } from '../tokens/token-form.js';

const TIMES = ['issuedAt', 'expiresAt', 'authTime', 'generation'] as const;

/**
 * What the host says of a token of the former login.
 * @param option the callback, for messages
 * @returns null where it is none
 * @throws AuthError `token_invalid`, `token_expired`; `store_unavailable` when the host cannot tell
 * @throws AuthConfigError for an answer that is none
 */
export async function readLegacyToken(
  read: ReadLegacyToken,
  token: string,
  option: string,
): Promise<LegacyToken | null> {
  if (!hasOneSpelling(token)) throw invalidToken('is not spelled as it was issued');
  const judged = async (): Promise<LegacyToken | null | undefined> => {
    try {
      return await read(token);
    } catch (error) {
      throw refusal(error) ?? error;
    }
  };
  const said = await askHost(option, judged, checkLater);
  if (said === null || said === undefined) return null;
  checkAnswer(said, option);
  return said;
}

/** What a JWT library throws for a token that is bad; undefined for a fault of something else. */
function refusal(error: unknown): AuthError | undefined {
  if (error instanceof AuthError) return error;
  const { name = '', code = '', status } = (error ?? {}) as { name?: unknown; code?: unknown; status?: unknown };
  // jsonwebtoken, then jose.
  if (name === 'TokenExpiredError' || code === 'ERR_JWT_EXPIRED') {
    return new AuthError('token_expired', 'The token of the former login has expired.');
  }
  const isBad =
    name === 'JsonWebTokenError' || name === 'NotBeforeError' || /^ERR_JW[A-Z]_/.test(String(code)) || status === 401;
  return isBad ? invalidToken('is not good for the former login either') : undefined;
}

const checkLater = (why: AuthErrorDetails): AuthError =>
  new AuthError('store_unavailable', 'Old tokens cannot be checked right now. Keep the tokens and try again.', why);

function checkAnswer(said: LegacyToken, option: string): void {
  checkSubject(said.sub);
  for (const name of TIMES) {
    const value = said[name];
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    const unit = name === 'generation' ? 'a whole number' : 'whole seconds since 1970';
    throw AuthConfigError.of(option, `gave ${name} ${String(value)}; it must be ${unit}, 0 or more`);
  }
}
