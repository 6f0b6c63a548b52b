import type { RetryPolicy } from './outbox-topic.js';

/**
 * When a failed entry is tried again, milliseconds since the epoch; null: it is given up.
 * @param attempts how many have failed by now, at least 1
 * @param created when its cause happened
 */
export function nextAttempt(
  { firstPause, longestPause, giveUpAfter }: RetryPolicy,
  attempts: number,
  created: number,
  now: number,
): number | null {
  if (giveUpAfter !== null && now - created >= giveUpAfter) return null;
  return now + Math.min(firstPause * 2 ** (attempts - 1), longestPause);
}
