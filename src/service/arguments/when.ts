import { parseDuration, parseRfc3339 } from '../../internal.js';
import { UsageError } from './usage-error.js';

/**
 * Reads `now`, a time from now such as `10m`, or a time such as `2026-01-31T12:00:00Z`; to milliseconds.
 * @throws UsageError that names the option
 */
export function readWhen(value: string, now: number, option: string): number {
  if (value === 'now') return now;
  const at = parseRfc3339(value);
  if (at !== undefined && at >= now) return at;
  if (at !== undefined) throw new UsageError(`${option} is ${value}, which is over; say now, or a time to come.`);
  try {
    return now + parseDuration(value, option);
  } catch (cause) {
    throw new UsageError(
      `${option} must be now, a time from now such as 10m, or a time such as 2026-01-31T12:00:00Z.`,
      { cause },
    );
  }
}
