import { setTimeout as pause } from 'node:timers/promises';
import { AuthError } from '../../src/auth.errors.js';

/** What a client does that is told to come again: on a machine with much else to do, passwords wait until they are refused. */
export async function untilNotBusy<T extends { readonly status: number; readonly headers: Headers }>(
  ask: () => Promise<T>,
): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
    await pause(Number(answer.headers.get('retry-after')) * 1000);
  }
}

/** The same for a call of the service's own code. What was refused may have been done: each call asks for something new. */
export async function untilDone<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof AuthError && error.getStatus() === 503)) throw error;
      await pause(error.retryAfter! * 1000);
    }
  }
}
