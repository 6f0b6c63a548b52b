import { DrizzleQueryError } from 'drizzle-orm';
import { AuthError } from '../../index.js';

const driverError = (error: unknown): unknown => (error instanceof DrizzleQueryError ? error.cause : error);

/** Whether a query failed because a unique constraint, by name, does not allow the row (SQLSTATE 23505). */
export function violates(error: unknown, constraint: string): boolean {
  const cause = driverError(error);
  if (!(cause instanceof Error) || !('code' in cause) || !('constraint' in cause)) return false;
  return cause.code === '23505' && cause.constraint === constraint;
}

/** Whether a query failed because a table is not there (SQLSTATE 42P01). */
export function isMissingTable(error: unknown): boolean {
  const cause = driverError(error);
  return cause instanceof Error && 'code' in cause && cause.code === '42P01';
}

/**
 * Waits for a query, and makes of its failure what a client is told.
 * @throws AuthError `store_unavailable`; an AuthError passes as it is
 */
export async function reachable<T>(query: PromiseLike<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    if (error instanceof AuthError) throw error;
    const message = 'The users cannot be reached just now; try again.';
    throw new AuthError('store_unavailable', message, { fault: faultOf(error), retryAfter: 1 });
  }
}

/**
 * What the driver said, for the log. Never the error itself: Drizzle's message holds the statement with its parameters,
 * PGlite's error has them as properties, and PostgreSQL's detail quotes the row; addresses and hashes are among them.
 */
export function faultOf(error: unknown): string {
  const cause = driverError(error);
  if (!(cause instanceof Error)) return 'The driver gave no reason.';
  // Node's error of a name with several addresses has a code and no message.
  const words = ['code' in cause ? String(cause.code) : '', cause.message].filter((word) => word !== '');
  return words.join(': ');
}
