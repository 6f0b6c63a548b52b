import { within } from './auth.deadline.js';
import { AuthConfigError, AuthError, type AuthErrorDetails } from './auth.errors.js';

/** Milliseconds for which a request waits for a function of the host's. */
const PATIENCE = 5_000;

/**
 * Asks a function that the host has given as an option, such as `loadSubject`. Where the host cannot tell, nobody is
 * refused for it: that is a fault, which is answered 503, and whose cause an operator is told.
 *
 * @param option the name of the function, for the log
 * @param unavailable makes the error for a host that cannot tell
 * @throws AuthError what the function throws as one, or what `unavailable` makes: where it throws anything else, or takes
 * longer than 5 s
 */
export async function askHost<T>(
  option: string,
  ask: () => T | Promise<T>,
  unavailable: (details: AuthErrorDetails) => AuthError,
): Promise<T> {
  const late = (): AuthError => unavailable({ fault: `${option} took longer than ${PATIENCE} ms`, retryAfter: 1 });
  try {
    // Within an async function, so that what is thrown at once is a rejection too.
    return await within(PATIENCE, (async () => ask())(), late);
  } catch (cause) {
    if (cause instanceof AuthError) throw cause;
    throw unavailable({ cause, fault: `${option} failed: ${kindOf(cause)}`, retryAfter: 1 });
  }
}

/** Of an error of the host's the name and code alone: a driver's message holds its statement, with the values in it. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if (error instanceof AuthConfigError) return error.message;
  const { name, code, cause } = error as Error & { code?: unknown; cause?: { code?: unknown } | null };
  const known = code ?? cause?.code;
  return typeof known === 'string' ? `${name} ${known}` : name;
}
