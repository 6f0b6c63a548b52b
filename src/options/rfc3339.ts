/** With its zone: without one, instances in two zones would not mean the same moment. */
const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/**
 * Reads a time as RFC 3339 (section 5.6) writes it.
 * @returns milliseconds since the epoch; undefined for anything else
 * @example parseRfc3339('2026-01-31T12:00:00Z') // 1769860800000
 */
export function parseRfc3339(value: unknown): number | undefined {
  const time = typeof value === 'string' && FORM.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
