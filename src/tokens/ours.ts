import { AuthError } from '../auth.errors.js';

/** What a token tells, if it is one of ours; undefined for any other text. */
export function ours<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AuthError) return undefined;
    throw error;
  }
}
