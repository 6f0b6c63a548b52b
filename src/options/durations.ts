import { AuthConfigError } from '../auth.errors.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** A duration with its unit: `'500ms'`, `'30s'`, `'15m'`, `'12h'`, `'14d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/**
 * Reads a duration such as `'30s'`, `'15m'`, `'500ms'`.
 * @returns milliseconds
 * @throws AuthConfigError naming the option; a plain number is refused, nobody can tell its unit
 */
export function parseDuration(value: unknown, name: string): number {
  const match = typeof value === 'string' ? /^(\d{1,9})(ms|s|m|h|d)$/.exec(value) : null;
  if (!match) {
    const given = typeof value === 'string' ? `'${value}'` : String(value);
    throw AuthConfigError.of(name, `is ${given}; it must be a duration with its unit, such as '30s', '15m' or '14d'`);
  }
  return Number(match[1]) * UNITS[match[2]!]!;
}

/** Milliseconds as the options spell them: `1209600000` becomes `14d`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const unit = ['d', 'h', 'm', 's'].find((name) => milliseconds >= UNITS[name]! && milliseconds % UNITS[name]! === 0);
  return unit ? `${milliseconds / UNITS[unit]!}${unit}` : `${milliseconds}ms`;
}
