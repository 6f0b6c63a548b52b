import { within } from '../../internal.js';
import { DeliveryError } from './outbox-topic.js';

/** What is posted, and to whom. */
export interface Post {
  readonly url: string;
  /** The setting that has the URL, for the log: a password may be in the URL itself. */
  readonly setting: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * Posts to a receiver that the operator has named, and reads nothing of its answer but the status.
 *
 * The timer is our own: on Node 20 and 22 `AbortSignal.timeout()` can be collected as garbage before it fires.
 * @throws DeliveryError where no answer comes in time, or one that is not 2xx
 */
export async function post({ url, setting, headers, body, timeout }: Post): Promise<void> {
  const receiver = `The receiver of ${setting}`;
  const aborting = new AbortController();
  // Elsewhere is nobody whom the operator has named.
  const asked = fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: aborting.signal });
  const told = asked.catch((error: unknown) => {
    throw new DeliveryError(`${receiver} cannot be reached (${reasonOf(error)}).`);
  });
  const answer = await within(timeout, told, () => {
    aborting.abort();
    return new DeliveryError(`${receiver} gave no answer within ${timeout / 1000} s.`);
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new DeliveryError(`${receiver} answered ${answer.status}.`);
}

/** The code alone: a message may hold the URL. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name: string; cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : name;
}
