import { parseDuration } from '../../internal.js';
import { UsageError } from './usage-error.js';

/**
 * Reads `now`, a time from now such as `10m`, or a time such as `2026-01-31T12:00:00Z`; to milliseconds.
 * @throws UsageError that names the option
 */
export function readWhen(value: string, now: number, option: string): number {
  if (value === 'now') return now;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(value)) {
    const at = Date.parse(value);
    if (at >= now) return at;
    if (!Number.isNaN(at)) throw new UsageError(`${option} is ${value}, which is over; say now, or a time to come.`);
  }
  try {
    return now + parseDuration(value, option);
  } catch (cause) {
    throw new UsageError(
      `${option} must be now, a time from now such as 10m, or a time such as 2026-01-31T12:00:00Z.`,
      { cause },
    );
  }
}
