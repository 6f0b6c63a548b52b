import { AuthError } from '../auth.errors.js';

/**
 * What a token says, for callers to whom a token that is refused is as good as none.
 * @param read what throws an {@link AuthError} for a token that it refuses; any other error goes on
 * @returns undefined for a token that is refused
 */
export function undefinedIfRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AuthError) return undefined;
    throw error;
  }
}
