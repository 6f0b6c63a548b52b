/**
 * How long to wait after a failure, in milliseconds: growing from a second to a minute, with jitter, and never shorter
 * than `Retry-After` says.
 * @param failures before this one
 * @param retryAfter seconds
 */
export const growingPause = (failures: number, retryAfter = 0): number =>
  Math.max(Math.min(60_000, 1000 * 2 ** failures * (1 + Math.random() / 2)), retryAfter * 1000);

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
