import { AuthConfigError } from '../../index.js';

/** What an operator is told of an error that stopped the start: a sentence where it was expected, else all of it. */
export function whyNotStarted(error: unknown): string {
  if (error instanceof AuthConfigError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
