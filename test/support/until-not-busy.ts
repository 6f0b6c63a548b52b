import { setTimeout as pause } from 'node:timers/promises';

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
