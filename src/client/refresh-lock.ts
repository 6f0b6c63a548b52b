import { browser, hasTabs } from './browser.js';

const DEADLINE = 2000;

/**
 * Lets one tab at a time do the work. It only saves work: after two seconds, without tabs or Web Locks, or where they fail,
 * the work is done all the same, and the service gives both tabs the same successor.
 */
export async function withLock(name: string, work: () => Promise<void>): Promise<void> {
  const locks = hasTabs() ? browser.navigator?.locks : undefined;
  let working: Promise<void> | undefined;
  try {
    // The signal only ends the waiting: it does nothing to a lock that is held.
    await locks!.request(name, { signal: AbortSignal.timeout(DEADLINE) }, () => (working = work()));
  } catch {
    await (working ?? work());
  }
}
